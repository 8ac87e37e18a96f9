package riverhead.tap;

import java.util.ArrayList;
import java.util.TreeSet;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.StageInfo;
import org.apache.spark.storage.RDDInfo;

/** What the stages of each user action used, added up as they complete: of a query by its execution's id, of a job by its own. */
public class Stages {
  static final int MOST_STAGES = 50;
  static final int MOST_OPEN = 2000;
  static final int MOST_KNOWN = 10000;
  static final String[] USED = {
    "run_ms", "cpu_ns", "gc_ms", "memory_spilled", "disk_spilled", "read_bytes", "read_rows", "written_bytes", "written_rows",
    "shuffle_read", "shuffle_written", "tasks"
  };

  // Which execution a stage belongs to: from a job's start until the stage completes.
  final Bounded roots = new Bounded(MOST_KNOWN);
  final Bounded sums = new Bounded(MOST_OPEN);

  void opened(Object root) {
    sums.put(root, new Sum());
  }

  void started(SparkListenerJobStart event, Object root) {
    if (!sums.containsKey(root)) return;
    scala.collection.Iterator stages = event.stageInfos().iterator();
    while (stages.hasNext()) {
      roots.put(Integer.valueOf(((StageInfo) stages.next()).stageId()), root);
    }
  }

  void completed(StageInfo stage) {
    Object root = roots.get(Integer.valueOf(stage.stageId()));
    Sum sum = root == null ? null : (Sum) sums.get(root);
    if (sum != null) sum.add(stage);
  }

  void close(Object root, Json text) {
    Sum sum = (Sum) sums.remove(root);
    if (sum != null && sum.count > 0) sum.write(text);
  }

  /** One user action's stages. */
  static class Sum {
    final long[] total = new long[USED.length];
    final ArrayList stages = new ArrayList();
    final TreeSet executors = new TreeSet();
    long peak = 0;
    int count = 0;
    StageInfo failed = null;

    void add(StageInfo stage) {
      TaskMetrics metrics = stage.taskMetrics();
      if (stage.failureReason().isDefined()) failed = stage;
      if (metrics == null) return;
      long[] used = {
        metrics.executorRunTime(), metrics.executorCpuTime(), metrics.jvmGCTime(), metrics.memoryBytesSpilled(),
        metrics.diskBytesSpilled(), metrics.inputMetrics().bytesRead(), metrics.inputMetrics().recordsRead(),
        metrics.outputMetrics().bytesWritten(), metrics.outputMetrics().recordsWritten(),
        metrics.shuffleReadMetrics().totalBytesRead(), metrics.shuffleWriteMetrics().bytesWritten(), stage.numTasks()
      };
      for (int i = 0; i < used.length; i++) total[i] += used[i];
      peak = Math.max(peak, metrics.peakExecutionMemory());
      count++;
      if (stages.size() < MOST_STAGES) stages.add(one(stage, used, metrics.peakExecutionMemory()));
    }

    static String one(StageInfo stage, long[] used, long peak) {
      Json text = new Json();
      text.append("{\"id\":").append(stage.stageId()).append(",\"attempt\":").append(stage.attemptNumber());
      figures(text, used, peak);
      return text.append("}").toString();
    }

    static void figures(Json text, long[] used, long peak) {
      for (int i = 0; i < used.length; i++) text.append(",").string(USED[i], 50).append(":").append(used[i]);
      text.append(",\"peak_memory\":").append(peak);
    }

    void write(Json text) {
      text.append(",\"used\":{\"stages\":").append(count);
      figures(text, total, peak);
      text.append(",\"by_stage\":[");
      for (int i = 0; i < stages.size(); i++) text.append(i > 0 ? "," : "").append((String) stages.get(i));
      text.append("]");
      if (failed != null) failed(text);
      text.append("}");
    }

    // The operators of a stage are known by the scopes of its RDDs; the last one made is the outermost.
    void failed(Json text) {
      TreeSet operators = new TreeSet();
      scala.collection.Iterator rdds = failed.rddInfos().iterator();
      while (rdds.hasNext()) {
        RDDInfo rdd = (RDDInfo) rdds.next();
        if (rdd.scope().isDefined()) operators.add(((org.apache.spark.rdd.RDDOperationScope) rdd.scope().get()).name());
      }
      text.append(",\"failed_stage\":").append(failed.stageId()).append(",\"failed_operators\":[");
      Object[] names = operators.toArray();
      for (int i = 0; i < names.length; i++) text.append(i > 0 ? "," : "").string((String) names[i], 200);
      text.append("]");
    }
  }
}
