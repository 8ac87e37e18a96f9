package riverhead.tap;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.CommandExecutionMode;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.internal.SessionState;
import org.apache.spark.sql.internal.SharedState;
import org.apache.spark.sql.streaming.SourceProgress;
import org.apache.spark.sql.streaming.StateOperatorProgress;
import org.apache.spark.sql.streaming.StreamingQueryListener;
import org.apache.spark.sql.streaming.StreamingQueryProgress;

/**
 * Streaming queries: of which one an execution runs a batch, and what that batch counted.
 *
 * A batch's own plan reads the files that were new; the query's plan, which is told instead, reads its sources. What a
 * batch counted is known a moment after its execution's end, so that the end waits for it.
 */
public class Streams {
  static final int MOST_QUERIES = 200;
  static final int MOST_CHARS = 4000;

  final PlanTap tap;
  final Bounded queries = new Bounded(MOST_QUERIES);
  final LinkedHashMap waiting = new LinkedHashMap();
  final HashSet failed = new HashSet();

  Streams(PlanTap tap) {
    this.tap = tap;
  }

  /** The batch that an execution runs; null where it runs none. */
  Batch batch(QueryExecution execution) {
    if (execution == null || !PlanDump.name(execution).equals("IncrementalExecution")) return null;
    String run = String.valueOf(Reflected.call(execution, "runId"));
    Object query = queries.get(run);
    if (query == null) query = running(execution.sparkSession(), run);
    if (query == null) return null;
    Batch batch = new Batch(execution, query, run);
    if (batch.plan == null) return null;
    tap.origins.ofBatch(batch.written());
    Object sink = Reflected.call(query, "sink");
    if (sink != null) tap.origins.ofSink(sink, batch.written());
    return batch;
  }

  // Every session has its own list of queries, and a query a session of its own; what they share knows all.
  Object running(Object session, String run) {
    SharedState shared = (SharedState) Reflected.call(session, "sharedState");
    java.util.Iterator all = shared.activeStreamingQueries().values().iterator();
    while (all.hasNext()) {
      Object query = all.next();
      if (!run.equals(String.valueOf(Reflected.call(query, "runId")))) continue;
      queries.put(run, query);
      return query;
    }
    return null;
  }

  void told(StreamingQueryListener.Event event) {
    if (event instanceof StreamingQueryListener.QueryProgressEvent) {
      StreamingQueryProgress progress = ((StreamingQueryListener.QueryProgressEvent) event).progress();
      release(progress.runId().toString(), progress);
    } else if (event instanceof StreamingQueryListener.QueryStartedEvent) {
      scala.Option session = SparkSession.getDefaultSession();
      if (session.isDefined()) running(session.get(), ((StreamingQueryListener.QueryStartedEvent) event).runId().toString());
    } else if (event instanceof StreamingQueryListener.QueryTerminatedEvent) {
      String run = ((StreamingQueryListener.QueryTerminatedEvent) event).runId().toString();
      release(run, null);
      Object query = queries.remove(run);
      if (!failed.remove(run) && query != null) between(query, run);
    }
  }

  /** A query that failed, and no batch of it: before the first one, or between two, when its sources were asked. */
  void between(Object query, String run) {
    Object failure = Reflected.call(query, "exception");
    Object plan = Reflected.call(query, "logicalPlan");
    if (!(failure instanceof scala.Option) || ((scala.Option) failure).isEmpty() || plan == null) return;
    Json text = new Json();
    long now = System.currentTimeMillis();
    text.append("{\"what\":\"end\",\"id\":\"stream-").append(run).append("\",\"root\":\"stream-").append(run);
    text.append("\",\"started\":").append(now).append(",\"ended\":").append(now).append(",\"node\":\"\",\"is_command\":true,\"plan\":");
    SessionState session = (SessionState) Reflected.call(Reflected.call(query, "sparkSession"), "sessionState");
    QueryExecution execution = session.executePlan((LogicalPlan) plan, CommandExecutionMode.SKIP());
    text.append(new PlanDump(execution, tap.isHive).of(plan));
    about(text, query, run);
    text.append("},\"error\":");
    Failure.write(text, (Throwable) ((scala.Option) failure).get());
    tap.offer(text.append("}").toString());
  }

  static Json about(Json text, Object query, String run) {
    text.append(",\"stream\":{\"query\":").string(String.valueOf(Reflected.call(query, "id")), 100);
    return text.append(",\"run\":").string(run, 100).append(",\"name\":").string((String) Reflected.call(query, "name"), 500);
  }

  /** Keeps the end of a batch until it is known what it counted; one that failed has counted nothing. */
  void ended(Batch batch, String record, boolean isFailed) {
    release(batch.run, null);
    if (!isFailed) {
      waiting.put(batch.run, record);
      return;
    }
    failed.add(batch.run);
    tap.offer(record);
  }

  /** No more will be known. */
  void end() {
    while (!waiting.isEmpty()) release((String) waiting.keySet().iterator().next(), null);
  }

  void release(String run, StreamingQueryProgress progress) {
    String record = (String) waiting.remove(run);
    if (record == null) return;
    if (progress == null) {
      tap.offer(record);
      return;
    }
    Json text = new Json();
    text.append(record.substring(0, record.length() - 1)).append(",\"progress\":");
    write(text, progress);
    tap.offer(text.append("}").toString());
  }

  // What a user had observed beside is of a user's data, and stays.
  static void write(Json text, StreamingQueryProgress progress) {
    text.append("{\"batch\":").append(progress.batchId()).append(",\"timestamp\":").string(progress.timestamp(), 100);
    text.append(",\"rows\":").append(progress.numInputRows()).append(",\"durations\":");
    entries(text, progress.durationMs());
    text.append(",\"event_time\":");
    entries(text, progress.eventTime());
    text.append(",\"sources\":[");
    SourceProgress[] sources = progress.sources();
    for (int i = 0; i < sources.length; i++) {
      text.append(i > 0 ? "," : "").append("{\"description\":").string(sources[i].description(), MOST_CHARS);
      text.append(",\"from\":").string(sources[i].startOffset(), MOST_CHARS);
      text.append(",\"to\":").string(sources[i].endOffset(), MOST_CHARS);
      text.append(",\"latest\":").string(sources[i].latestOffset(), MOST_CHARS);
      text.append(",\"rows\":").append(sources[i].numInputRows()).append("}");
    }
    text.append("],\"operators\":[");
    StateOperatorProgress[] operators = progress.stateOperators();
    for (int i = 0; i < operators.length; i++) {
      text.append(i > 0 ? "," : "").append("{\"name\":").string(operators[i].operatorName(), 200);
      text.append(",\"rows\":").append(operators[i].numRowsTotal());
      text.append(",\"updated\":").append(operators[i].numRowsUpdated());
      text.append(",\"removed\":").append(operators[i].numRowsRemoved());
      text.append(",\"late\":").append(operators[i].numRowsDroppedByWatermark());
      text.append(",\"bytes\":").append(operators[i].memoryUsedBytes()).append("}");
    }
    text.append("],\"sink\":{\"rows\":").append(progress.sink().numOutputRows()).append("}}");
  }

  static void entries(Json text, Map map) {
    text.append("{");
    java.util.Iterator entries = map.entrySet().iterator();
    for (boolean isFirst = true; entries.hasNext(); isFirst = false) {
      Map.Entry entry = (Map.Entry) entries.next();
      text.append(isFirst ? "" : ",").string(String.valueOf(entry.getKey()), 100).append(":");
      if (entry.getValue() instanceof Number) text.append(((Number) entry.getValue()).longValue());
      else text.string(String.valueOf(entry.getValue()), 200);
    }
    text.append("}");
  }

  /** One batch of a query. */
  static class Batch {
    final String run;
    final Object query;
    final long number;
    final LogicalPlan plan;
    final boolean isQuiet;

    Batch(QueryExecution execution, Object query, String run) {
      this.run = run;
      this.query = query;
      this.number = ((Number) Reflected.call(execution, "currentBatchId")).longValue();
      this.plan = (LogicalPlan) Reflected.call(query, "logicalPlan");
      this.isQuiet = plan != null && streaming(plan, false) == streaming(execution.analyzed(), true);
    }

    /** How many leaves are sources of the stream, or sources of which this batch has no rows. */
    static int streaming(LogicalPlan plan, boolean isEmpty) {
      int found = 0;
      scala.collection.Iterator leaves = plan.collectLeaves().iterator();
      while (leaves.hasNext()) {
        LogicalPlan leaf = (LogicalPlan) leaves.next();
        if (leaf.isStreaming() && (!isEmpty || leaf instanceof LocalRelation)) found++;
      }
      return found;
    }

    /** What the query writes: the child of the write that is the plan's root. */
    LogicalPlan written() {
      scala.collection.Iterator children = plan.children().iterator();
      return children.hasNext() ? (LogicalPlan) children.next() : plan;
    }

    /** A query that fails keeps why before it is no longer active. */
    boolean isStopped() {
      Object failure = Reflected.call(query, "exception");
      boolean isWithout = failure instanceof scala.Option && ((scala.Option) failure).isEmpty();
      return Boolean.FALSE.equals(Reflected.call(query, "isActive")) && isWithout;
    }

    void write(Json text) {
      about(text, query, run);
      text.append(",\"batch\":").append(number).append(",\"is_quiet\":").append(isQuiet ? "true" : "false");
      if (isStopped()) text.append(",\"is_stopped\":true");
      text.append("}");
    }
  }
}
