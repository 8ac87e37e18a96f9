package riverhead.tap;

import java.util.ArrayList;
import org.apache.spark.sql.catalyst.catalog.HiveTableRelation;
import org.apache.spark.sql.catalyst.plans.QueryPlan;
import org.apache.spark.sql.execution.ReusedSubqueryExec;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanExec;
import org.apache.spark.sql.execution.adaptive.QueryStageExec;
import org.apache.spark.sql.execution.columnar.InMemoryTableScanExec;
import org.apache.spark.sql.execution.datasources.v2.V2TableWriteExec;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.util.AccumulatorV2;

/** What an executed plan counted: each scan's rows, bytes and files beside its relation, and what its write put out. */
public class Counts {
  static final int MOST_NODES = 2000;
  static final int MOST_SCANS = 200;
  static final int MOST_REMEMBERED = 10000;
  static final String[] WRITTEN = {"numOutputRows", "numOutputBytes", "numFiles"};
  static final String[] READ = {"numOutputRows", "filesSize", "numFiles"};

  // A cached plan keeps its counters between actions, so a later one counts only what was added since.
  final Bounded seen = new Bounded(MOST_REMEMBERED);

  void write(Json text, SparkPlan root, PlanDump dump) {
    ArrayList pending = new ArrayList();
    ArrayList scans = new ArrayList();
    ArrayList writes = new ArrayList();
    pending.add(root);
    for (int i = 0; i < pending.size() && i < MOST_NODES; i++) {
      SparkPlan plan = (SparkPlan) pending.get(i);
      if (plan.metrics().contains("numOutputBytes") || progress(plan) >= 0) writes.add(plan);
      if (plan.children().isEmpty() && plan.metrics().contains("numOutputRows")) scans.add(plan);
      below(plan, pending);
    }
    if (!writes.isEmpty()) written(text.append(",\"written\":"), (SparkPlan) writes.get(0));
    // The inserts of one statement, in their order.
    if (writes.size() > 1) {
      for (int i = 0; i < writes.size(); i++) written(text.append(i > 0 ? "," : ",\"writes\":["), (SparkPlan) writes.get(i));
      text.append("]");
    }
    if (!scans.isEmpty()) scans(text, scans, dump);
  }

  static void below(SparkPlan plan, ArrayList pending) {
    if (plan instanceof AdaptiveSparkPlanExec) pending.add(((AdaptiveSparkPlanExec) plan).executedPlan());
    else if (plan instanceof QueryStageExec) pending.add(((QueryStageExec) plan).plan());
    else if (plan instanceof InMemoryTableScanExec) pending.add(((InMemoryTableScanExec) plan).relation().cachedPlan());
    scala.collection.Iterator children = plan.children().iterator();
    while (children.hasNext()) pending.add(children.next());
    scala.collection.Iterator subqueries = plan.subqueries().iterator();
    while (subqueries.hasNext()) {
      Object subquery = subqueries.next();
      if (!(subquery instanceof ReusedSubqueryExec)) pending.add(subquery);
    }
  }

  void written(Json text, SparkPlan plan) {
    text.append("{");
    int count = 0;
    for (int i = 0; i < WRITTEN.length; i++) {
      long value = value(plan, WRITTEN[i]);
      if (i == 0 && value < 0) value = progress(plan);
      if (value >= 0) text.append(count++ > 0 ? "," : "").string(WRITTEN[i], 100).append(":").append(value);
    }
    text.append("}");
  }

  void scans(Json text, ArrayList scans, PlanDump dump) {
    Json own = dump.text;
    int start = own.out.length();
    int count = 0;
    for (int i = 0; i < scans.size() && i < MOST_SCANS; i++) {
      SparkPlan scan = (SparkPlan) scans.get(i);
      long[] counted = counted(scan);
      if (counted == null) continue;
      own.append(count++ > 0 ? ",{\"n\":" : "{\"n\":").string(PlanDump.name(scan), 200).append(",\"f\":{");
      relation(scan, dump);
      own.append("}");
      for (int j = 0; j < READ.length; j++) {
        if (counted[j] >= 0) own.append(",").string(READ[j], 100).append(":").append(counted[j]);
      }
      own.append("}");
    }
    text.append(",\"scans\":[").append(own.out.substring(start)).append("]");
    own.out.setLength(start);
  }

  static void relation(SparkPlan scan, PlanDump dump) {
    String[] names = PlanDump.fields(scan);
    for (int i = 0, written = 0; i < names.length; i++) {
      if (!names[i].equals("relation") && !names[i].equals("table")) continue;
      int mark = dump.text.out.length();
      Object value = scan.productElement(i);
      boolean isHive = value instanceof HiveTableRelation;
      dump.text.append(written > 0 ? "," : "").string(isHive ? "tableMeta" : names[i], 200).append(":");
      if (isHive) value = ((HiveTableRelation) value).tableMeta();
      if (!(value instanceof QueryPlan) && dump.values.write(value, false)) written++;
      else dump.text.out.setLength(mark);
    }
  }

  /** What a scan counted since it was last looked at; null where it was looked at and nothing was added. */
  long[] counted(SparkPlan scan) {
    long[] values = new long[READ.length];
    for (int i = 0; i < values.length; i++) values[i] = value(scan, READ[i]);
    Long id = Long.valueOf(((AccumulatorV2) ((SQLMetric) scan.metrics().apply("numOutputRows"))).id());
    Long before = (Long) seen.get(id);
    if (before != null && before.longValue() == values[0]) return null;
    seen.put(id, Long.valueOf(values[0]));
    return values;
  }

  static long value(SparkPlan plan, String name) {
    scala.Option metric = plan.metrics().get(name);
    if (metric.isEmpty()) return -1;
    // On Scala 2.13 the metric's own `value` returns a primitive that Janino cannot see through the override.
    return ((Number) ((AccumulatorV2) ((SQLMetric) metric.get())).value()).longValue();
  }

  // What a V2 write committed; its class moved between versions, its method did not.
  static long progress(SparkPlan plan) {
    if (!(plan instanceof V2TableWriteExec)) return -1;
    Object progress = Reflected.call(plan, "commitProgress");
    if (!(progress instanceof scala.Option) || ((scala.Option) progress).isEmpty()) return -1;
    Object rows = Reflected.call(((scala.Option) progress).get(), "numOutputRows");
    return rows instanceof Number ? ((Number) rows).longValue() : -1;
  }
}
