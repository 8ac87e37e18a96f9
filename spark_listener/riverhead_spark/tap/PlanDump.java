package riverhead.tap;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.PlanExpression;
import org.apache.spark.sql.catalyst.plans.QueryPlan;
import org.apache.spark.sql.connector.catalog.CatalogPlugin;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.datasources.FileFormat;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;

/** A plan as a flat list of nodes, breadth first, so that no depth of nesting can overflow a stack here or in Python. */
public class PlanDump {
  static final int MOST_NODES = 20000;
  static final int MOST_CHARS = 4000000;
  static final int MOST_ELEMENTS = 20000;
  static final int MOST_DEPTH = 100;
  static final long MOST_NANOS = 200000000L;
  // Free text can hold anything, so a constructor's strings are written only where they are known to be names.
  static final String NAMES = "outputColumnNames";
  static final HashMap FIELDS = new HashMap();

  final QueryExecution query;
  final boolean isHive;
  final Json text = new Json();
  final IdentityHashMap places = new IdentityHashMap();
  final IdentityHashMap outputs = new IdentityHashMap();
  final ArrayList plans = new ArrayList();
  final LinkedHashMap attributes = new LinkedHashMap();
  int cut = 0;
  final long deadline = System.nanoTime() + MOST_NANOS;

  public PlanDump(QueryExecution query, boolean isHive) {
    this.query = query;
    this.isHive = isHive;
  }

  public String of(QueryPlan root) {
    place(root);
    text.append("{\"nodes\":[");
    int i = 0;
    int named = 0;
    for (; i < plans.size() && i < MOST_NODES && text.out.length() < MOST_CHARS && System.nanoTime() < deadline; i++) {
      QueryPlan plan = (QueryPlan) plans.get(i);
      text.append(i > 0 ? "," : "");
      node(plan);
      if (i == 0) named = plans.size();
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
    return text.append("}}").toString();
  }

  int place(QueryPlan plan) {
    Integer known = (Integer) places.get(plan);
    if (known == null) {
      known = Integer.valueOf(plans.size());
      places.put(plan, known);
      plans.add(plan);
    }
    return known.intValue();
  }

  void node(QueryPlan plan) {
    text.append("{\"n\":").string(name(plan), 200).append(",\"ch\":[");
    scala.collection.Iterator children = plan.children().iterator();
    QueryPlan first = null;
    while (children.hasNext()) {
      QueryPlan child = (QueryPlan) children.next();
      text.append(first == null ? "" : ",").append(place(child));
      if (first == null) first = child;
    }
    text.append("]");
    long[] output = output(plan);
    if (output != null && (first == null || !Arrays.equals(output, output(first)))) {
      text.append(",\"o\":[");
      for (int i = 0; i < output.length; i++) text.append(i > 0 ? "," : "").append(output[i]);
      text.append("]");
    }
    text.append(",\"f\":{");
    String[] names = fields(plan);
    for (int i = 0, written = 0; i < names.length; i++) {
      // A leaf's own `output` stands above; it is the one field that would be written twice.
      if (names[i].equals("output")) continue;
      int mark = text.out.length();
      text.append(written > 0 ? "," : "").string(names[i], 200).append(":");
      if (value(plan.productElement(i), names[i].equals(NAMES))) written++;
      else text.out.setLength(mark);
    }
    text.append("}}");
  }

  void describe(QueryPlan plan) {
    if (output(plan) == null) return;
    scala.collection.Iterator output = plan.output().iterator();
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
      ids = new long[output.size()];
      scala.collection.Iterator all = output.iterator();
      for (int i = 0; all.hasNext(); i++) ids[i] = ((Attribute) all.next()).exprId().id();
    } catch (Throwable unresolved) {
      ids = null;
    }
    outputs.put(plan, ids);
    return ids;
  }

  /** Writes what can be written of a value; returns false, having written nothing worth keeping, where nothing can. */
  boolean value(Object value, boolean isName) {
    if (text.out.length() > MOST_CHARS) {
      cut++;
      return false;
    }
    if (value instanceof scala.Option) return !((scala.Option) value).isEmpty() && value(((scala.Option) value).get(), isName);
    if (value instanceof Expression) return expression((Expression) value, 0);
    if (value instanceof QueryPlan) return raw("{\"$\":" + place((QueryPlan) value) + "}");
    if (value instanceof Boolean || value instanceof Integer || value instanceof Long) return raw(value.toString());
    if (value instanceof String) return isName && string((String) value);
    if (value instanceof CatalogTable) return table((CatalogTable) value);
    if (value instanceof HadoopFsRelation) return files((HadoopFsRelation) value);
    if (value instanceof Table) return table((Table) value);
    if (value instanceof CatalogPlugin) return string(((CatalogPlugin) value).name());
    if (value instanceof org.apache.hadoop.fs.Path) return string(((org.apache.hadoop.fs.Path) value).toUri().toString());
    if (value instanceof scala.collection.Map || value instanceof Map) return false;
    if (value instanceof scala.collection.Iterable) return list((scala.collection.Iterable) value, isName);
    if (value instanceof Enum || value instanceof FileFormat || isPlain(value)) return string(value.toString());
    return false;
  }

  // Join types and names of tables and aliases print as themselves and hold nothing of a user's data.
  static boolean isPlain(Object value) {
    return value instanceof org.apache.spark.sql.catalyst.plans.JoinType
        || value instanceof TableIdentifier
        || value instanceof org.apache.spark.sql.catalyst.AliasIdentifier
        || value instanceof org.apache.spark.sql.connector.catalog.Identifier;
  }

  boolean list(scala.collection.Iterable values, boolean isName) {
    scala.collection.Iterator elements = values.iterator();
    boolean isWorthIt = !elements.hasNext();
    text.append("[");
    for (int i = 0; elements.hasNext() && i < MOST_ELEMENTS; i++) {
      text.append(i > 0 ? "," : "");
      if (value(elements.next(), isName)) isWorthIt = true;
      // Rows of data, say: after one that says nothing, the others will not either.
      else if (!isWorthIt) return false;
      else text.append("null");
    }
    if (elements.hasNext()) cut++;
    text.append("]");
    return isWorthIt;
  }

  /** An attribute is its id, a literal is null, anything else names itself, its children and its subquery. */
  boolean expression(Expression expression, int depth) {
    if (expression instanceof Literal) return raw("null");
    Long id = id(expression);
    if (expression instanceof Attribute) return raw(id == null ? "null" : id.toString());
    text.append("{\"e\":").string(name(expression), 200);
    if (id != null) text.append(",\"id\":").append(id.longValue());
    if (depth > MOST_DEPTH || text.out.length() > MOST_CHARS) return references(expression);
    if (expression instanceof PlanExpression) text.append(",\"plan\":").append(place(((PlanExpression) expression).plan()));
    scala.collection.Iterator children = expression.children().iterator();
    if (children.hasNext()) {
      text.append(",\"k\":[");
      for (boolean isFirst = true; children.hasNext(); isFirst = false) {
        text.append(isFirst ? "" : ",");
        expression((Expression) children.next(), depth + 1);
      }
      text.append("]");
    }
    return raw("}");
  }

  boolean references(Expression expression) {
    text.append(",\"refs\":[");
    scala.collection.Iterator all = expression.references().iterator();
    for (boolean isFirst = true; all.hasNext(); isFirst = false) {
      text.append(isFirst ? "" : ",").append(((Attribute) all.next()).exprId().id());
    }
    return raw("]}");
  }

  static Long id(Expression expression) {
    try {
      return expression instanceof NamedExpression ? Long.valueOf(((NamedExpression) expression).exprId().id()) : null;
    } catch (Throwable unresolved) {
      return null;
    }
  }

  boolean table(CatalogTable table) {
    java.net.URI location = table.storage().locationUri().isDefined() ? (java.net.URI) table.storage().locationUri().get() : null;
    // A managed table that is about to be made has no location yet. A Hive metastore is another process: it is not asked.
    if (location == null && !isHive && table.tableType().name().equals("MANAGED")) {
      location = query.sparkSession().sessionState().catalog().defaultTablePath(table.identifier());
    }
    TableIdentifier identifier = query.sparkSession().sessionState().catalog().qualifyIdentifier(table.identifier());
    text.append("{\"table\":").string(identifier.unquotedString(), 1000);
    text.append(",\"type\":").string(table.tableType().name(), 100).append(",\"provider\":");
    text.string(table.provider().isDefined() ? (String) table.provider().get() : null, 200);
    text.append(",\"location\":").string(location == null ? null : location.toString(), 4000);
    return raw("}");
  }

  boolean table(Table table) {
    text.append("{\"table\":").string(table.name(), 1000).append(",\"class\":").string(name(table), 200);
    Map properties = table.properties();
    text.append(",\"location\":").string(properties == null ? null : (String) properties.get("location"), 4000);
    return raw("}");
  }

  boolean files(HadoopFsRelation relation) {
    text.append("{\"format\":").string(relation.fileFormat().toString(), 200).append(",\"paths\":");
    list(relation.location().rootPaths(), false);
    return raw("}");
  }

  boolean raw(String json) {
    text.append(json);
    return true;
  }

  boolean string(String value) {
    text.string(value, 4000);
    return true;
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
