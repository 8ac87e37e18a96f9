package riverhead.tap;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.sql.catalyst.plans.logical.Command;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.SQLExecution;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanExec;
import org.apache.spark.sql.execution.adaptive.QueryStageExec;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionEnd;
import org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart;
import org.apache.spark.util.AccumulatorV2;

/**
 * Writes each execution of a command down as JSON and keeps it until Python polls.
 *
 * Compiled in the driver by Janino, which knows neither lambdas nor inferred generics. It understands nothing: it names
 * nodes, their constructor's fields and the ids of expressions. It never waits for Python; what does not fit is dropped
 * and counted. No literal, no option's value and no free text of a user leaves the JVM, except the SQL and the error.
 */
public class PlanTap extends SparkListener {
  static final int MOST_RECORDS = 1000;
  static final long MOST_WAITING_CHARS = 32000000L;
  static final int MOST_OPEN = 1000;

  final SparkContext context;
  final boolean isHive;
  final LinkedBlockingQueue queue = new LinkedBlockingQueue(MOST_RECORDS + 1);
  final AtomicLong waiting = new AtomicLong();
  final LinkedHashMap open = new LinkedHashMap();
  volatile boolean isEnded = false;
  long dropped = 0;

  public PlanTap(SparkContext context) {
    this.context = context;
    this.isHive = "hive".equals(context.conf().get("spark.sql.catalogImplementation", "in-memory"));
  }

  /** Listens on a queue of its own, so that no other listener of the application ever waits for this one. */
  public void attach() {
    context.listenerBus().addToQueue(this, "riverhead");
  }

  public void detach() {
    context.removeSparkListener(this);
    end();
  }

  /** Waits until the bus has handed everything over, at most so long. */
  public boolean flush(long milliseconds) {
    try {
      context.listenerBus().waitUntilEmpty(milliseconds);
      return true;
    } catch (Throwable timeout) {
      return false;
    }
  }

  /** Returns waiting records as a JSON array, null when none came in time, and "" when there will be no more. */
  public String poll(long milliseconds, int most) throws Exception {
    Object record = queue.poll(milliseconds, TimeUnit.MILLISECONDS);
    if (record == null) return isEnded ? "" : null;
    StringBuilder batch = new StringBuilder("[");
    int taken = 0;
    for (; record != null; record = taken < most ? queue.poll() : null) {
      String text = (String) record;
      waiting.addAndGet(-text.length());
      if (text.length() == 0) continue;
      if (taken++ > 0) batch.append(',');
      batch.append(text);
    }
    if (taken == 0) return isEnded && queue.isEmpty() ? "" : null;
    return batch.append(']').toString();
  }

  /** Says that nothing more will come, and wakes whoever polls. */
  public void end() {
    isEnded = true;
    queue.offer("");
  }

  public void onApplicationEnd(SparkListenerApplicationEnd event) {
    end();
  }

  public void onOtherEvent(SparkListenerEvent event) {
    try {
      if (event instanceof SparkListenerSQLExecutionStart) started((SparkListenerSQLExecutionStart) event);
      else if (event instanceof SparkListenerSQLExecutionEnd) ended((SparkListenerSQLExecutionEnd) event);
    } catch (Throwable failure) {
      dropped++;
    }
  }

  void started(SparkListenerSQLExecutionStart event) {
    Execution execution = new Execution();
    execution.id = event.executionId();
    execution.started = event.time();
    execution.root = event.rootExecutionId().isDefined() ? ((Number) event.rootExecutionId().get()).longValue() : execution.id;
    execution.node = event.sparkPlanInfo().nodeName();
    // Bounded even when the bus drops the end of an execution.
    if (open.size() >= MOST_OPEN) open.remove(open.keySet().iterator().next());
    open.put(Long.valueOf(execution.id), execution);
    QueryExecution query = SQLExecution.getQueryExecution(execution.id);
    boolean isWorthIt = query != null && execution.root == execution.id && plan(query) instanceof Command;
    if (isWorthIt) execution.describe(plan(query), query, isHive);
    Json text = new Json();
    execution.write(text, "start");
    offer(text.append("}").toString());
  }

  void ended(SparkListenerSQLExecutionEnd event) {
    Execution execution = (Execution) open.remove(Long.valueOf(event.executionId()));
    if (execution == null) return;
    QueryExecution query = event.qe();
    if (query != null && execution.plan == null && plan(query) instanceof Command) execution.describe(plan(query), query, isHive);
    Json text = new Json();
    execution.write(text, "end");
    text.append(",\"ended\":").append(event.time());
    if (event.executionFailure().isDefined()) error(text, (Throwable) event.executionFailure().get());
    else if (query != null && execution.plan != null) new Written(text).write(query.executedPlan());
    if (dropped > 0) text.append(",\"dropped\":").append(dropped);
    offer(text.append("}").toString());
  }

  void offer(String record) {
    boolean fits = queue.size() < MOST_RECORDS && waiting.get() + record.length() <= MOST_WAITING_CHARS;
    if (fits && queue.offer(record)) waiting.addAndGet(record.length());
    else dropped++;
  }

  // Spark 4.3 rethrows the analyser's error here; what the user wrote is then the best that is known.
  static LogicalPlan plan(QueryExecution query) {
    try {
      return query.analyzed();
    } catch (Throwable failure) {
      return query.logical();
    }
  }

  static void error(Json text, Throwable failure) {
    text.append(",\"error\":{\"class\":").string(failure.getClass().getName(), 500);
    text.append(",\"message\":").string(failure.getMessage(), 4000).append(",\"stack\":");
    StringBuilder stack = new StringBuilder();
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < 5; depth++, cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      stack.append(depth > 0 ? "Caused by: " : "").append(cause.getClass().getName()).append(": ");
      stack.append(message.substring(0, Math.min(message.length(), 1000))).append('\n');
      StackTraceElement[] frames = cause.getStackTrace();
      for (int i = 0; i < frames.length && i < 20; i++) stack.append("\tat ").append(frames[i]).append('\n');
    }
    text.string(stack.toString(), 12000).append("}");
  }

  /** One execution between its start and its end. */
  static class Execution {
    long id, root, started;
    String node, plan, sql;

    void describe(LogicalPlan analysed, QueryExecution query, boolean isHive) {
      plan = new PlanDump(query, isHive).of(analysed);
      scala.Option source = query.logical().origin().sqlText();
      sql = source.isDefined() ? (String) source.get() : null;
    }

    void write(Json text, String what) {
      text.append("{\"what\":\"").append(what).append("\",\"id\":").append(id).append(",\"root\":").append(root);
      text.append(",\"started\":").append(started).append(",\"node\":").string(node, 500);
      if (sql != null) text.append(",\"sql\":").string(sql, 65536);
      if (plan != null) text.append(",\"plan\":").append(plan);
    }
  }

  /** What the write command of an executed plan counted: it is the one node that counts the bytes it put out. */
  static class Written {
    static final int MOST_NODES = 500;
    static final String[] COUNTED = {"numOutputRows", "numOutputBytes", "numFiles"};
    final Json text;

    Written(Json text) {
      this.text = text;
    }

    void write(SparkPlan root) {
      ArrayList pending = new ArrayList();
      pending.add(root);
      for (int i = 0; i < pending.size() && i < MOST_NODES; i++) {
        SparkPlan plan = (SparkPlan) pending.get(i);
        if (plan.metrics().contains("numOutputBytes")) {
          counted(plan);
          return;
        }
        if (plan instanceof AdaptiveSparkPlanExec) pending.add(((AdaptiveSparkPlanExec) plan).executedPlan());
        else if (plan instanceof QueryStageExec) pending.add(((QueryStageExec) plan).plan());
        scala.collection.Iterator children = plan.children().iterator();
        while (children.hasNext()) pending.add(children.next());
      }
    }

    void counted(SparkPlan plan) {
      text.append(",\"written\":{");
      int written = 0;
      for (int i = 0; i < COUNTED.length; i++) {
        scala.Option metric = plan.metrics().get(COUNTED[i]);
        if (metric.isEmpty()) continue;
        // On Scala 2.13 the metric's own `value` returns a primitive that Janino cannot see through the override.
        long value = ((Number) ((AccumulatorV2) ((SQLMetric) metric.get())).value()).longValue();
        text.append(written++ > 0 ? "," : "").string(COUNTED[i], 100).append(":").append(value);
      }
      text.append("}");
    }
  }
}
