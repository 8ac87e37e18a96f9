package riverhead.tap;

import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.PlanExpression;
import org.apache.spark.sql.catalyst.expressions.PythonFuncExpression;

/** Expressions as JSON: an attribute is its id, a literal is null, anything else names itself, its children and its subquery. */
public class Expressions {
  static final int MOST_DEPTH = 100;
  // Text is made for expressions that a person would read; a larger one costs more than it says.
  static final int MOST_NODES_WITH_TEXT = 100;
  static final int MOST_TEXT = 500;
  static final int MOST_FUNCTIONS = 100;

  final PlanDump dump;
  final Json text;
  int written = 0;

  Expressions(PlanDump dump) {
    this.dump = dump;
    this.text = dump.text;
  }

  /** Writes one expression of an operator, with its SQL text where it is small. */
  boolean write(Expression expression) {
    boolean isPlain = expression instanceof Literal || expression instanceof Attribute || Lakes.isClause(expression);
    if (isPlain) return write(expression, 0);
    written = 0;
    write(expression, 0);
    if (written > MOST_NODES_WITH_TEXT) return true;
    String sql = sql(expression instanceof Alias ? ((Alias) expression).child() : expression);
    if (sql == null) return true;
    text.out.setLength(text.out.length() - 1);
    text.append(",\"s\":").string(sql, MOST_TEXT).append("}");
    return true;
  }

  static String sql(Expression expression) {
    try {
      return expression instanceof Attribute || expression instanceof Literal ? null : expression.sql();
    } catch (Throwable unresolved) {
      return null;
    }
  }

  boolean write(Expression expression, int depth) {
    written++;
    if (expression instanceof Literal) return raw("null");
    Long id = id(expression);
    if (expression instanceof Attribute) return raw(id == null ? "null" : id.toString());
    text.append("{\"e\":").string(PlanDump.name(expression), 200);
    if (id != null) text.append(",\"id\":").append(id.longValue());
    dump.lakes.assigned(expression);
    if (expression instanceof PythonFuncExpression) function((PythonFuncExpression) expression);
    if (depth > MOST_DEPTH || dump.isFull()) return references(expression);
    if (expression instanceof PlanExpression) {
      text.append(",\"plan\":").append(dump.place(((PlanExpression) expression).plan()));
    }
    scala.collection.Iterator children = expression.children().iterator();
    if (children.hasNext()) {
      text.append(",\"k\":[");
      for (boolean isFirst = true; children.hasNext(); isFirst = false) {
        text.append(isFirst ? "" : ",");
        if (Lakes.isClause(expression)) write((Expression) children.next());
        else write((Expression) children.next(), depth + 1);
      }
      text.append("]");
    }
    return raw("}");
  }

  /** The driver's Python knows the function by this identity: names are not unique. */
  void function(PythonFuncExpression expression) {
    Integer identity = Integer.valueOf(System.identityHashCode(expression.func()));
    if (dump.functions.size() < MOST_FUNCTIONS) dump.functions.put(identity, expression.name());
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

  boolean raw(String json) {
    text.append(json);
    return true;
  }
}
