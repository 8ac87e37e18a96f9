package riverhead.tap;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.QueryPlan;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Command;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.execution.QueryExecution;

/** A plan as a flat list of nodes, breadth first, so that no depth of nesting can overflow a stack here or in Python. */
public class PlanDump {
  static final int MOST_NODES = 20000;
  static final int MOST_CHARS = 4000000;
  // Of this thread's own work: neither a busy machine nor a catalog that is asked makes a plan smaller.
  static final long MOST_NANOS = 500000000L;
  static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  static final HashMap FIELDS = new HashMap();

  final QueryExecution query;
  final Json text = new Json();
  final Expressions expressions;
  final Values values;
  final Lakes lakes;
  final Alterations alterations;
  final Rdds rdds;
  Origins origins = new Origins();
  final IdentityHashMap places = new IdentityHashMap();
  final IdentityHashMap outputs = new IdentityHashMap();
  // Spark makes a node's output anew whenever it is asked.
  final IdentityHashMap columns = new IdentityHashMap();
  final ArrayList plans = new ArrayList();
  final LinkedHashMap attributes = new LinkedHashMap();
  final LinkedHashMap functions = new LinkedHashMap();
  // Of the operator that is being written.
  boolean hasOutput = true;
  boolean isChanging = false;
  int cut = 0;
  final long deadline = worked() + MOST_NANOS;

  public PlanDump(QueryExecution query, boolean isHive) {
    this.query = query;
    this.lakes = new Lakes(this);
    this.alterations = new Alterations(this);
    this.expressions = new Expressions(this);
    this.values = new Values(this, isHive);
    this.rdds = new Rdds(this);
  }

  /** Dumps a query's plan, or an action of RDDs. */
  public String of(Object root) {
    place(root);
    text.append("{\"nodes\":[");
    int i = 0;
    int named = 0;
    for (; i < plans.size() && i < MOST_NODES && text.out.length() < MOST_CHARS && worked() < deadline; i++) {
      text.append(i > 0 ? "," : "");
      if (rdds.node(plans.get(i))) continue;
      QueryPlan plan = (QueryPlan) plans.get(i);
      node(plan);
      // The inserts of one statement are commands below its root.
      if (i == 0 || (i < named && plan instanceof Command)) named = plans.size();
      // Spark names a column after its expression, literals and all, so names in between stay here.
      if (i < named || plan.children().isEmpty()) describe(plan);
    }
    text.append("],\"cut\":").append(cut + plans.size() - i).append(",\"attributes\":{");
    java.util.Iterator entries = attributes.entrySet().iterator();
    for (boolean isFirst = true; entries.hasNext(); isFirst = false) {
      Map.Entry entry = (Map.Entry) entries.next();
      Attribute attribute = (Attribute) entry.getValue();
      text.append(isFirst ? "\"" : ",\"").append(entry.getKey().toString()).append("\":[").string(attribute.name(), 1000);
      text.append(",").string(attribute.dataType().catalogString(), 4000).append("]");
    }
    text.append("}");
    functions();
    return text.append("}").toString();
  }

  /** Python functions by the identity of what the JVM holds of them. */
  void functions() {
    java.util.Iterator entries = functions.entrySet().iterator();
    for (boolean isFirst = true; entries.hasNext(); isFirst = false) {
      Map.Entry entry = (Map.Entry) entries.next();
      text.append(isFirst ? ",\"functions\":{\"" : ",\"").append(entry.getKey().toString()).append("\":");
      text.string((String) entry.getValue(), 200);
    }
    if (!functions.isEmpty()) text.append("}");
  }

  static long worked() {
    return THREADS.isCurrentThreadCpuTimeSupported() ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
  }

  int place(Object plan) {
    Integer known = (Integer) places.get(plan);
    if (known == null) {
      known = Integer.valueOf(plans.size());
      places.put(plan, known);
      plans.add(plan);
    }
    return known.intValue();
  }

  void node(QueryPlan plan) {
    text.append("{\"n\":").string(origins.stoodFor(plan) == null ? name(plan) : "LogicalRDD", 200).append(",\"ch\":[");
    scala.collection.Iterator children = plan.children().iterator();
    QueryPlan first = null;
    while (children.hasNext()) {
      QueryPlan child = (QueryPlan) children.next();
      text.append(first == null ? "" : ",").append(place(child));
      if (first == null) first = child;
    }
    text.append("]");
    // What these put out is the ids of what they list.
    boolean isListing = plan instanceof Project || plan instanceof Aggregate;
    long[] output = isListing ? null : output(plan);
    hasOutput = isListing || (output != null && output.length > 0);
    isChanging = values.isChanging(name(plan));
    if (output != null && (first == null || !Arrays.equals(output, output(first)))) {
      text.append(",\"o\":[");
      for (int i = 0; i < output.length; i++) text.append(i > 0 ? "," : "").append(output[i]);
      text.append("]");
    }
    text.append(",\"f\":{");
    QueryPlan origin = first == null ? origins.of(plan) : null;
    String[] names = fields(plan);
    for (int i = 0, written = 0; i < names.length; i++) {
      if (origin != null && names[i].equals("rdd")) continue;
      // A leaf's own `output` stands above; it is the one field that would be written twice. What a command made its
      // rows from was told when it ran: whoever looks at these rows reads nothing.
      if (names[i].equals("output") || names[i].startsWith("commandLogical") || names[i].startsWith("commandPhysical")) continue;
      int mark = text.out.length();
      text.append(written > 0 ? "," : "").string(names[i], 200).append(":");
      if (values.field(names[i], plan.productElement(i))) written++;
      else text.out.setLength(mark);
    }
    if (origin != null) text.field("origin").append("{\"$\":").append(place(origin)).append("}");
    values.relations.session(plan);
    lakes.more(plan);
    alterations.write(plan);
    text.append("}}");
  }

  void describe(QueryPlan plan) {
    if (output(plan) == null) return;
    scala.collection.Iterator output = ((scala.collection.Seq) columns.get(plan)).iterator();
    while (output.hasNext()) {
      Attribute attribute = (Attribute) output.next();
      attributes.put(Long.valueOf(attribute.exprId().id()), attribute);
    }
  }

  /** The ids of what a node puts out; null where the node cannot say. */
  long[] output(QueryPlan plan) {
    if (outputs.containsKey(plan)) return (long[]) outputs.get(plan);
    long[] ids = null;
    try {
      scala.collection.Seq output = plan.output();
      columns.put(plan, output);
      ids = new long[output.size()];
      scala.collection.Iterator all = output.iterator();
      for (int i = 0; all.hasNext(); i++) ids[i] = ((Attribute) all.next()).exprId().id();
    } catch (Throwable unresolved) {
      ids = null;
    }
    outputs.put(plan, ids);
    return ids;
  }

  boolean isFull() {
    return text.out.length() > MOST_CHARS;
  }

  static String name(Object object) {
    String full = object.getClass().getName();
    String simple = full.substring(full.lastIndexOf('.') + 1);
    return simple.endsWith("$") ? simple.substring(0, simple.length() - 1) : simple;
  }

  /** A case class declares its constructor's fields first; Scala 2.12 has no other way to ask for their names. */
  static String[] fields(scala.Product product) {
    String[] names = (String[]) FIELDS.get(product.getClass());
    if (names != null) return names;
    names = new String[product.productArity()];
    Arrays.fill(names, "");
    Field[] declared = product.getClass().getDeclaredFields();
    for (int i = 0, found = 0; i < declared.length && found < names.length; i++) {
      int modifiers = declared[i].getModifiers();
      if (!Modifier.isStatic(modifiers) && Modifier.isFinal(modifiers)) names[found++] = declared[i].getName();
    }
    FIELDS.put(product.getClass(), names);
    return names;
  }
}
