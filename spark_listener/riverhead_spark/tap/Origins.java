package riverhead.tap;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.QueryPlan;
import org.apache.spark.sql.execution.LogicalRDD;

/**
 * The plans behind leaves that have forgotten them: a checkpoint, a stream's batch and a memory sink are rows without a history.
 *
 * A checkpoint's RDD is known by the job that filled it; a batch, and a checkpoint that is not filled yet, by the ids of
 * its columns, which it keeps. Where two plans put out the same ids, no plan is better than a wrong one.
 */
public class Origins {
  static final int MOST = 200;
  static final Object SEVERAL = new Object();

  final LinkedHashMap byRdd = new LinkedHashMap();
  final LinkedHashMap byOutput = new LinkedHashMap();
  final LinkedHashMap bySink = new LinkedHashMap();
  // What the batch writes in which the execution runs that is being described; null outside a stream.
  QueryPlan batch = null;

  void ofCheckpoint(QueryPlan plan, ArrayList rdds) {
    for (int i = 0; i < rdds.size(); i++) keep(byRdd, rdds.get(i), plan);
    if (!rdds.isEmpty()) return;
    ofBatch(plan);
  }

  void ofBatch(QueryPlan plan) {
    String output = output(plan);
    Object known = byOutput.remove(output);
    keep(byOutput, output, known == null || known == plan ? plan : SEVERAL);
  }

  void ofSink(Object sink, QueryPlan plan) {
    keep(bySink, sink, plan);
  }

  /** The plan behind this leaf; null where it has none. */
  QueryPlan of(QueryPlan leaf) {
    if (leaf instanceof LogicalRDD) return of((LogicalRDD) leaf);
    Object sink = PlanDump.name(leaf).equals("MemoryPlan") ? Reflected.call(leaf, "sink") : null;
    return sink == null ? null : (QueryPlan) bySink.get(sink);
  }

  QueryPlan of(LogicalRDD leaf) {
    RDD rdd = leaf.rdd();
    Integer id = Integer.valueOf(rdd.id());
    Object known = byRdd.get(id);
    if (known != null) return (QueryPlan) known;
    String output = output(leaf);
    known = batch != null && output.equals(output(batch)) ? batch : byOutput.get(output);
    if (known == null || known == SEVERAL) return null;
    // In a join with itself the frame has new ids on one side, and the same rows.
    keep(byRdd, id, known);
    return (QueryPlan) known;
  }

  static void keep(LinkedHashMap known, Object key, Object plan) {
    known.remove(key);
    if (known.size() >= MOST) known.remove(known.keySet().iterator().next());
    known.put(key, plan);
  }

  static String output(QueryPlan plan) {
    StringBuilder ids = new StringBuilder();
    scala.collection.Iterator output = plan.output().iterator();
    while (output.hasNext()) ids.append(((Attribute) output.next()).exprId().id()).append(',');
    return ids.toString();
  }
}
