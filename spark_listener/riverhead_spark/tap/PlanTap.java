package riverhead.tap;

import java.util.ArrayList;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.sql.catalyst.plans.logical.Command;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.SQLExecution;
import org.apache.spark.sql.execution.command.DataWritingCommand;
import org.apache.spark.sql.execution.command.RunnableCommand;
import org.apache.spark.sql.execution.command.SetCommand;
import org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionEnd;
import org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart;
import org.apache.spark.sql.streaming.StreamingQueryListener;

/**
 * Writes each SQL execution down as JSON, its plan and what it counted and used, and keeps it until Python polls.
 *
 * Compiled in the driver by Janino, which knows neither lambdas nor inferred generics. It understands nothing: it names
 * nodes, their constructor's fields and the ids of expressions. It never waits for Python; what does not fit is dropped
 * and counted. No option's value and no free text of a user leaves the JVM, except the SQL of statements and expressions,
 * and errors.
 */
public class PlanTap extends SparkListener {
  static final int MOST_RECORDS = 1000;
  static final long MOST_WAITING_CHARS = 32000000L;
  static final int MOST_OPEN = 1000;
  static final long MOST_WAIT_MILLISECONDS = 500;

  final SparkContext context;
  final boolean isHive;
  final LinkedBlockingQueue queue = new LinkedBlockingQueue(MOST_RECORDS + 1);
  final AtomicLong waiting = new AtomicLong();
  // Bounded even when the bus drops the end of an execution.
  final Bounded open = new Bounded(MOST_OPEN);
  final Stages stages = new Stages();
  final Counts counts = new Counts();
  final Origins origins = new Origins();
  final Streams streams = new Streams(this);
  final Jobs jobs = new Jobs(this);
  final CountDownLatch allTaken = new CountDownLatch(1);
  volatile boolean isEnded = false;
  boolean isAttached = false;
  // What was handed over last, and how often something was.
  String handed = null;
  long handedOver = 0;
  long dropped = 0, failed = 0;
  String failure = null;

  public PlanTap(SparkContext context) {
    this.context = context;
    this.isHive = "hive".equals(context.conf().get("spark.sql.catalogImplementation", "in-memory"));
  }

  /** Listens on a queue of its own, so that no other listener of the application ever waits for this one. */
  public synchronized void attach() {
    if (isAttached) return;
    isAttached = true;
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

  /**
   * Returns waiting records as a JSON array, null when none came in time, and "" when there will be no more.
   *
   * Whoever has not `taken` as many arrays as were handed over gets the last again: py4j asks once more, on a connection
   * of its own, when one breaks beneath it, as it does when a forked child of the program ends.
   */
  public synchronized String poll(long taken, long milliseconds, int most) throws Exception {
    if (taken < handedOver) return handed;
    handed = null;
    // Before the queue is looked at: what came between the look and the end is in it.
    boolean wasEnded = isEnded;
    Object record = queue.poll(milliseconds, TimeUnit.MILLISECONDS);
    if (record == null) return wasEnded ? over() : null;
    StringBuilder batch = new StringBuilder("[");
    int count = 0;
    for (; record != null; record = count < most ? queue.poll() : null) {
      String text = (String) record;
      waiting.addAndGet(-text.length());
      if (text.length() == 0) continue;
      if (count++ > 0) batch.append(',');
      batch.append(text);
    }
    if (count == 0) return queue.isEmpty() ? over() : null;
    handedOver++;
    handed = batch.append(']').toString();
    return handed;
  }

  /** Whoever polls has kept by now what it was handed before. */
  private String over() {
    if (!isEnded) return null;
    allTaken.countDown();
    return "";
  }

  /** Says that nothing more will come, and wakes whoever polls. */
  public void end() {
    streams.end();
    isEnded = true;
    queue.offer("");
  }

  /** A program may leave at once when it has stopped its context, which waits for this: a moment, until all is taken. */
  public void onApplicationEnd(SparkListenerApplicationEnd event) {
    end();
    try {
      allTaken.await(MOST_WAIT_MILLISECONDS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException leaving) {
      Thread.currentThread().interrupt();
    }
  }

  public void onOtherEvent(SparkListenerEvent event) {
    try {
      if (event instanceof SparkListenerSQLExecutionStart) started((SparkListenerSQLExecutionStart) event);
      else if (event instanceof SparkListenerSQLExecutionEnd) ended((SparkListenerSQLExecutionEnd) event);
      else if (event instanceof StreamingQueryListener.Event) streams.told((StreamingQueryListener.Event) event);
    } catch (Throwable broken) {
      broke(broken);
    }
  }

  public void onJobStart(SparkListenerJobStart event) {
    try {
      Properties properties = event.properties();
      String root = properties == null ? null : properties.getProperty("spark.sql.execution.root.id");
      if (root != null) stages.started(event, Long.valueOf(root));
      String id = properties == null ? null : properties.getProperty("spark.sql.execution.id");
      Execution execution = id == null ? null : (Execution) open.get(Long.valueOf(id));
      if (execution != null) execution.rdds.add(Jobs.result(event));
      if (id == null) jobs.started(event);
    } catch (Throwable broken) {
      broke(broken);
    }
  }

  public void onJobEnd(SparkListenerJobEnd event) {
    try {
      jobs.ended(event);
    } catch (Throwable broken) {
      broke(broken);
    }
  }

  public void onStageCompleted(SparkListenerStageCompleted event) {
    try {
      stages.completed(event.stageInfo());
    } catch (Throwable broken) {
      broke(broken);
    }
  }

  void started(SparkListenerSQLExecutionStart event) {
    long began = System.nanoTime();
    // Reading a header or a schema is Spark's own business: no run of anybody's.
    Execution execution = isReader(event.details()) ? null : new Execution(event);
    open.put(Long.valueOf(event.executionId()), execution);
    if (execution == null || !execution.isRoot()) return;
    stages.opened(Long.valueOf(execution.id));
    QueryExecution query = SQLExecution.getQueryExecution(execution.id);
    if (query != null) execution.describe(query, this);
    Json text = new Json();
    execution.write(text, "start");
    execution.isTold = offer(text.append("}").toString()) && execution.plan != null;
    execution.nanos = System.nanoTime() - began;
  }

  void ended(SparkListenerSQLExecutionEnd event) {
    Long id = Long.valueOf(event.executionId());
    QueryExecution query = event.qe();
    // Spark tells no start of what it cannot plan.
    boolean isUnplanned = !open.containsKey(id) && query != null && event.executionFailure().isDefined();
    Execution execution = isUnplanned ? new Execution(event) : (Execution) open.remove(id);
    if (execution == null) return;
    long began = System.nanoTime();
    // Inside another execution only what writes says something that the outer one's plan does not.
    boolean isWorthIt = query != null && (execution.isRoot() || plan(query) instanceof Command);
    if (isWorthIt && execution.plan == null) execution.describe(query, this);
    Json text = new Json();
    if (execution.isTold) execution.plan = null;
    execution.write(text, "end");
    text.append(",\"ended\":").append(event.time());
    if (event.executionName().isDefined()) text.append(",\"action\":").string((String) event.executionName().get(), 100);
    if (event.executionFailure().isDefined()) {
      text.append(",\"error\":");
      Failure.write(text, (Throwable) event.executionFailure().get());
    }
    else {
      if (execution.lakes != null) execution.lakes.after(text);
      // What failed may never have been planned. Delta reads and writes inside executions of its own.
      if (query != null) counted(text, query);
    }
    if (execution.isRoot()) stages.close(Long.valueOf(execution.id), text);
    losses(text);
    text.append(",\"nanos\":").append(execution.nanos + System.nanoTime() - began);
    String record = text.append("}").toString();
    if (execution.batch == null) offer(record);
    else streams.ended(execution.batch, record, event.executionFailure().isDefined());
    if (isCheckpoint(event)) origins.ofCheckpoint(plan(query), execution.rdds);
  }

  /** Figures are worth less than the end that they stand in: a connector's plan may do anything when it is asked. */
  void counted(Json text, QueryExecution query) {
    int mark = text.out.length();
    try {
      counts.write(text, query.executedPlan(), new PlanDump(query, isHive));
    } catch (Throwable broken) {
      text.out.setLength(mark);
      broke(broken);
    }
  }

  // As often as it may be: nothing that goes wrong here is anybody else's matter, but it is told.
  void broke(Throwable broken) {
    failed++;
    StackTraceElement[] frames = broken.getStackTrace();
    if (failure == null) failure = broken.getClass().getName() + (frames.length > 0 ? " at " + frames[0] : "");
  }

  void losses(Json text) {
    if (dropped > 0) text.append(",\"dropped\":").append(dropped);
    if (failed > 0) text.append(",\"failed\":").append(failed).append(",\"failure\":").string(failure, 500);
  }

  static boolean isCheckpoint(SparkListenerSQLExecutionEnd event) {
    String name = event.executionName().isDefined() ? (String) event.executionName().get() : "";
    return name.equals("checkpoint") || name.equals("localCheckpoint");
  }

  static boolean isReader(String details) {
    int line = details == null ? -1 : details.indexOf('\n');
    return line >= 0 && details.substring(0, line).indexOf("DataFrameReader.") >= 0;
  }

  boolean offer(String record) {
    boolean fits = queue.size() < MOST_RECORDS && waiting.get() + record.length() <= MOST_WAITING_CHARS;
    if (fits && queue.offer(record)) {
      waiting.addAndGet(record.length());
      return true;
    }
    dropped++;
    return false;
  }

  // Of a query that could not be analysed, what the user wrote is the best that is known.
  static LogicalPlan plan(QueryExecution query) {
    if (isUnanalysed(query)) return query.logical();
    try {
      return query.analyzed();
    } catch (Throwable failure) {
      return query.logical();
    }
  }

  /** Since Spark 4 who asks again for what failed stands in the stack of the very exception that the user gets. */
  static boolean isUnanalysed(QueryExecution query) {
    Object lazy = Reflected.field(query, "lazyAnalyzed");
    return lazy != null && Reflected.field(lazy, "tryT") instanceof scala.util.Failure;
  }

  /** One execution between its start and its end. */
  static class Execution {
    final long id, root, started;
    final String node, description;
    String plan, sql;
    boolean isCommand = false;
    Streams.Batch batch = null;
    final ArrayList rdds = new ArrayList();
    long nanos = 0;
    boolean isTold = false;
    Lakes lakes;

    Execution(SparkListenerSQLExecutionStart event) {
      id = event.executionId();
      started = event.time();
      root = event.rootExecutionId().isDefined() ? ((Number) event.rootExecutionId().get()).longValue() : id;
      node = event.sparkPlanInfo().nodeName();
      description = event.description();
    }

    Execution(SparkListenerSQLExecutionEnd event) {
      id = root = event.executionId();
      started = event.time();
      description = "";
      LogicalPlan logical = PlanTap.plan(event.qe());
      // As its executed plan would be called, and its job is where it succeeds.
      boolean isV1 = logical instanceof RunnableCommand || logical instanceof DataWritingCommand;
      node = isV1 ? "Execute " + logical.nodeName() : "";
    }

    boolean isRoot() {
      return root == id;
    }

    void describe(QueryExecution query, PlanTap tap) {
      if (isRoot()) batch = tap.streams.batch(query);
      Execution outer = isRoot() ? this : (Execution) tap.open.get(Long.valueOf(root));
      tap.origins.batch = outer == null || outer.batch == null ? null : outer.batch.written();
      LogicalPlan logical = batch == null ? PlanTap.plan(query) : batch.plan;
      isCommand = batch != null || logical instanceof Command;
      PlanDump dump = new PlanDump(query, tap.isHive);
      dump.origins = tap.origins;
      dump.lakes.started = started;
      plan = dump.of(logical);
      lakes = dump.lakes;
      scala.Option source = query.logical().origin().sqlText();
      // A SET is no run, and its text may hold a secret that is named like any setting.
      sql = source.isDefined() && !(logical instanceof SetCommand) ? (String) source.get() : null;
    }

    void write(Json text, String what) {
      text.append("{\"what\":\"").append(what).append("\",\"id\":").append(id).append(",\"root\":").append(root);
      text.append(",\"started\":").append(started).append(",\"node\":").string(node, 500);
      text.append(",\"description\":").text(description, 500);
      if (sql != null) text.append(",\"sql\":").text(sql, 65536);
      if (plan != null) text.append(",\"is_command\":").append(String.valueOf(isCommand)).append(",\"plan\":").append(plan);
      if (batch != null) batch.write(text);
    }
  }
}
