package riverhead.tap;

import java.lang.reflect.Field;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.internal.io.HadoopWriteConfigUtil;
import org.apache.spark.rdd.RDD;
import org.apache.spark.scheduler.ActiveJob;
import org.apache.spark.scheduler.JobFailed;
import org.apache.spark.scheduler.ResultStage;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.StageInfo;
import org.apache.spark.storage.RDDInfo;

/** Jobs that no query started: what they read and write, where that is files. */
public class Jobs {
  static final int MOST_OPEN = 1000;

  final PlanTap tap;
  final Bounded open = new Bounded(MOST_OPEN);

  Jobs(PlanTap tap) {
    this.tap = tap;
  }

  void started(SparkListenerJobStart event) {
    scala.Option found = tap.context.dagScheduler().jobIdToActiveJob().get(Integer.valueOf(event.jobId()));
    // What a reader does to know a schema is Spark's own business.
    if (found.isEmpty() || PlanTap.isReader(((ActiveJob) found.get()).callSite().longForm())) return;
    Job job = new Job((ActiveJob) found.get());
    PlanDump dump = new PlanDump(null, tap.isHive);
    String plan = dump.of(job);
    // Listing files, say, is a job too, of rows that the driver made up.
    if (dump.rdds.readers == 0 && job.output == null) return;
    Json text = new Json();
    text.append("\"id\":\"").append(key(event.jobId())).append("\",\"root\":\"").append(key(event.jobId()));
    text.append("\",\"started\":").append(event.time()).append(",\"description\":").string(job.callSite, 500);
    String told = ",\"is_command\":true,\"plan\":" + plan;
    boolean isTold = tap.offer("{\"what\":\"start\"," + text.toString() + told + "}");
    tap.stages.opened(key(event.jobId()));
    tap.stages.started(event, key(event.jobId()));
    open.put(key(event.jobId()), isTold ? text.toString() : text.toString() + told);
  }

  /** The RDD that a job was asked for: the first one of the stage that makes the result, which is submitted last. */
  static Integer result(SparkListenerJobStart event) {
    StageInfo last = null;
    scala.collection.Iterator stages = event.stageInfos().iterator();
    while (stages.hasNext()) {
      StageInfo stage = (StageInfo) stages.next();
      if (last == null || stage.stageId() > last.stageId()) last = stage;
    }
    return last == null ? null : Integer.valueOf(((RDDInfo) last.rddInfos().head()).id());
  }

  void ended(SparkListenerJobEnd event) {
    String start = (String) open.remove(key(event.jobId()));
    if (start == null) return;
    Json text = new Json();
    text.append("{\"what\":\"end\",").append(start).append(",\"ended\":").append(event.time());
    if (event.jobResult() instanceof JobFailed) {
      text.append(",\"error\":");
      Failure.write(text, ((JobFailed) event.jobResult()).exception());
    }
    tap.stages.close(key(event.jobId()), text);
    tap.offer(text.append("}").toString());
  }

  static String key(int job) {
    return "job-" + job;
  }

  /** An action: the root of a plan of RDDs. */
  static class Job {
    final RDD rdd;
    final String callSite;
    final String output;

    Job(ActiveJob job) {
      rdd = job.finalStage().rdd();
      callSite = job.callSite().shortForm();
      output = job.finalStage() instanceof ResultStage ? output(((ResultStage) job.finalStage()).func()) : null;
    }

    void write(PlanDump dump) {
      int place = dump.place(rdd);
      dump.text.append("{\"n\":\"RddAction\",\"ch\":[").append(place).append("],\"f\":{\"query\":{\"$\":").append(place).append("}");
      if (output != null) dump.text.append(",\"output\":").string(output, 4000);
      dump.text.append("}}");
    }

    /** The folder that a job writes to stands in the conf of the writer that its tasks carry. */
    static String output(Object function) {
      Field[] fields = function.getClass().getDeclaredFields();
      for (int i = 0; i < fields.length; i++) {
        Object held = Reflected.field(function, fields[i].getName());
        if (!(held instanceof HadoopWriteConfigUtil)) continue;
        Object conf = Reflected.field(held, "conf");
        Object value = conf == null ? null : Reflected.call(conf, "value");
        if (!(value instanceof Configuration)) continue;
        String folder = ((Configuration) value).get("mapreduce.output.fileoutputformat.outputdir");
        return folder == null ? null : Addresses.place(folder);
      }
      return null;
    }
  }
}
