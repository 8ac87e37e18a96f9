package riverhead.tap;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.QueryPlan;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation$;
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

  final Bounded byRdd = new Bounded(MOST);
  final Bounded byOutput = new Bounded(MOST);
  final Bounded bySink = new Bounded(MOST);
  final Bounded standIns = new Bounded(MOST);
  // What the batch writes in which the execution runs that is being described; null outside a stream.
  QueryPlan batch = null;

  void ofCheckpoint(QueryPlan plan, ArrayList rdds) {
    QueryPlan light = light(plan);
    for (int i = 0; i < rdds.size(); i++) byRdd.renew(rdds.get(i), light);
    if (!rdds.isEmpty()) return;
    ofBatch(light);
  }

  /** A plan that holds no checkpoint whose own plan is known: Spark frees what it kept of one that nobody holds. */
  QueryPlan light(QueryPlan plan) {
    try {
      return (QueryPlan) new Lightening(this).apply(plan);
    } catch (Throwable tooDeep) {
      return plan;
    }
  }

  /** What stands for a checkpoint in a plan that is remembered: its columns, without its rows. */
  Object standIn(LogicalRDD leaf) {
    if (of(leaf) == null) return leaf;
    LocalRelation made = LocalRelation$.MODULE$.apply(leaf.output());
    standIns.renew(identity(made), new Object[] {made, Integer.valueOf(leaf.rdd().id())});
    return made;
  }

  /** The checkpoint's RDD that this stands for; null where it is what it looks like. */
  Object stoodFor(Object plan) {
    Object[] known = plan instanceof LocalRelation ? (Object[]) standIns.get(identity(plan)) : null;
    return known != null && known[0] == plan ? known[1] : null;
  }

  void ofBatch(QueryPlan plan) {
    String output = output(plan);
    Object known = byOutput.remove(output);
    byOutput.renew(output, known == null || known == plan ? plan : SEVERAL);
  }

  void ofSink(Object sink, QueryPlan plan) {
    bySink.renew(identity(sink), plan);
  }

  /** The plan behind this leaf; null where it has none. */
  QueryPlan of(QueryPlan leaf) {
    if (leaf instanceof LogicalRDD) return of((LogicalRDD) leaf);
    Object rdd = stoodFor(leaf);
    if (rdd != null) return (QueryPlan) byRdd.get(rdd);
    Object sink = PlanDump.name(leaf).equals("MemoryPlan") ? Reflected.call(leaf, "sink") : null;
    return sink == null ? null : (QueryPlan) bySink.get(identity(sink));
  }

  // A memory sink holds all of its rows, which are gone when its user lets go of it. A later sink of the same number is
  // known from its own first batch on.
  static Integer identity(Object sink) {
    return Integer.valueOf(System.identityHashCode(sink));
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
    byRdd.renew(id, known);
    return (QueryPlan) known;
  }

  static String output(QueryPlan plan) {
    StringBuilder ids = new StringBuilder();
    scala.collection.Iterator output = plan.output().iterator();
    while (output.hasNext()) ids.append(((Attribute) output.next()).exprId().id()).append(',');
    return ids.toString();
  }

  /** Each node of a plan once, with stand-ins below it. */
  static class Lightening extends scala.runtime.AbstractFunction1 {
    final Origins origins;
    final IdentityHashMap done = new IdentityHashMap();

    Lightening(Origins origins) {
      this.origins = origins;
    }

    public Object apply(Object plan) {
      Object made = done.get(plan);
      if (made != null) return made;
      if (plan instanceof LogicalRDD) made = origins.standIn((LogicalRDD) plan);
      // Rows that the driver made up; nobody reads them here.
      else if (plan instanceof LocalRelation) made = LocalRelation$.MODULE$.apply(((LocalRelation) plan).output());
      else made = ((QueryPlan) plan).mapChildren(this);
      done.put(plan, made);
      return made;
    }
  }
}
