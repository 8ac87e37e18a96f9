package riverhead.tap;

import java.util.ArrayList;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.BinaryOperator;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.Or;
import org.apache.spark.sql.catalyst.expressions.PlanExpression;
import org.apache.spark.sql.catalyst.expressions.PythonFuncExpression;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Expressions as JSON: an attribute is its id, a literal is null, anything else names itself, its children, its subquery
 * and the fields of structures that it takes or makes.
 */
public class Expressions {
  static final int MOST_DEPTH = 100;
  // Text is made for expressions that a person would read; a larger one costs more than it says.
  static final int MOST_NODES_WITH_TEXT = 100;
  static final int MOST_TEXT = 500;
  static final int LONGEST_LITERAL = 10000;
  static final int MOST_FUNCTIONS = 100;

  final PlanDump dump;
  final Json text;
  final Structures structures;
  int written = 0;

  Expressions(PlanDump dump) {
    this.dump = dump;
    this.text = dump.text;
    this.structures = new Structures(dump.text);
  }

  /** Writes one expression of an operator, with its SQL text where it is small; of an AND, that of each part. */
  boolean write(Expression expression) {
    if (Lakes.isClause(expression)) return write(expression, 0);
    if (!(expression instanceof And)) return withText(expression, 0);
    text.append("{\"e\":\"And\",\"k\":[");
    ArrayList parts = parts((And) expression);
    for (int i = 0; i < parts.size(); i++) {
      text.append(i > 0 ? "," : "");
      withText((Expression) parts.get(i), 1);
    }
    return text.raw("]}");
  }

  boolean withText(Expression expression, int depth) {
    written = 0;
    write(expression, depth);
    // Where a plan is large, what its columns are made of goes before the words for it.
    if (written > MOST_NODES_WITH_TEXT || text.out.length() > PlanDump.MOST_CHARS / 2) return true;
    String sql = sql(expression instanceof Alias ? ((Alias) expression).child() : expression);
    if (sql == null) return true;
    text.out.setLength(text.out.length() - 1);
    text.append(",\"s\":").text(sql, MOST_TEXT).append("}");
    return true;
  }

  /** A chain of ANDs or ORs leans to one side, as deep as it is long; its parts are side by side. */
  static ArrayList parts(BinaryOperator chain) {
    ArrayList parts = new ArrayList();
    ArrayList waiting = new ArrayList();
    waiting.add(chain);
    while (!waiting.isEmpty()) {
      Expression next = (Expression) waiting.remove(waiting.size() - 1);
      if (next.getClass() == chain.getClass()) {
        waiting.add(((BinaryOperator) next).right());
        waiting.add(((BinaryOperator) next).left());
      } else parts.add(next);
    }
    return parts;
  }

  static String sql(Expression expression) {
    try {
      if (expression instanceof Attribute || expression instanceof Literal) return null;
      String sql = expression.sql();
      // Some functions print an attribute with its id, which is another one in every run.
      return sql.indexOf('#') < 0 ? sql : sql.replaceAll("(?<=\\w)#\\d+L?\\b", "");
    } catch (Throwable unresolved) {
      return null;
    }
  }

  boolean write(Expression expression, int depth) {
    written++;
    if (expression instanceof Literal) {
      // Its text would be made whole, and copied, before it is cut.
      if (isLarge(((Literal) expression).value())) written += MOST_NODES_WITH_TEXT;
      return text.raw("null");
    }
    Long id = id(expression);
    if (expression instanceof Attribute) return text.raw(id == null ? "null" : id.toString());
    text.append("{\"e\":").string(PlanDump.name(expression), 200);
    if (id != null) text.append(",\"id\":").append(id.longValue());
    dump.lakes.assigned(expression);
    if (expression instanceof PythonFuncExpression) function((PythonFuncExpression) expression);
    if (depth > MOST_DEPTH || dump.isFull()) return references(expression);
    if (expression instanceof PlanExpression) {
      text.append(",\"plan\":").append(dump.place(((PlanExpression) expression).plan()));
    }
    structures.write(expression);
    // The analyser's own casts change no value that anybody asked to change.
    if (expression instanceof Cast && expression.getTagValue(Cast.USER_SPECIFIED_CAST()).isEmpty()) text.raw(",\"implicit\":true");
    children(expression, depth);
    return text.raw("}");
  }

  static boolean isLarge(Object value) {
    if (value instanceof UTF8String) return ((UTF8String) value).numBytes() > LONGEST_LITERAL;
    if (value instanceof byte[]) return ((byte[]) value).length > LONGEST_LITERAL;
    if (value instanceof ArrayData) return ((ArrayData) value).numElements() > MOST_NODES_WITH_TEXT;
    return value instanceof MapData && ((MapData) value).numElements() > MOST_NODES_WITH_TEXT;
  }

  /** The driver's Python knows the function by this identity: names are not unique. */
  void function(PythonFuncExpression expression) {
    Integer identity = Integer.valueOf(System.identityHashCode(expression.func()));
    if (dump.functions.size() < MOST_FUNCTIONS) dump.functions.put(identity, expression.name());
  }

  void children(Expression expression, int depth) {
    boolean isChain = expression instanceof And || expression instanceof Or;
    java.util.Iterator parts = isChain ? parts((BinaryOperator) expression).iterator() : null;
    scala.collection.Iterator children = isChain ? null : expression.children().iterator();
    for (int i = 0; isChain ? parts.hasNext() : children.hasNext(); i++) {
      text.append(i == 0 ? ",\"k\":[" : ",");
      Expression child = (Expression) (isChain ? parts.next() : children.next());
      if (Lakes.isClause(expression)) write(child);
      else write(child, depth + 1);
      if (!(isChain ? parts.hasNext() : children.hasNext())) text.append("]");
    }
  }

  boolean references(Expression expression) {
    text.append(",\"refs\":[");
    scala.collection.Iterator all = expression.references().iterator();
    for (boolean isFirst = true; all.hasNext(); isFirst = false) {
      text.append(isFirst ? "" : ",").append(((Attribute) all.next()).exprId().id());
    }
    return text.raw("]}");
  }

  static Long id(Expression expression) {
    try {
      return expression instanceof NamedExpression ? Long.valueOf(((NamedExpression) expression).exprId().id()) : null;
    } catch (Throwable unresolved) {
      return null;
    }
  }
}
