package riverhead.tap;

import java.util.Map;
import org.apache.spark.sql.catalyst.AliasIdentifier;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.JoinType;
import org.apache.spark.sql.catalyst.plans.QueryPlan;
import org.apache.spark.sql.connector.catalog.CatalogPlugin;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.execution.datasources.FileFormat;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;

/** The fields of an operator, by kind; what is of no kind that is known to be harmless is not written. */
public class Values {
  static final int MOST_ELEMENTS = 20000;

  final PlanDump dump;
  final Json text;
  final Relations relations;

  Values(PlanDump dump, boolean isHive) {
    this.dump = dump;
    this.text = dump.text;
    this.relations = new Relations(dump, isHive);
  }

  /** Writes what can be written of a value; returns false, having written nothing worth keeping, where nothing can. */
  boolean write(Object value, boolean isName) {
    if (dump.isFull()) {
      dump.cut++;
      return false;
    }
    if (value instanceof scala.Option) return !((scala.Option) value).isEmpty() && write(((scala.Option) value).get(), isName);
    if (value instanceof Expression) return dump.expressions.write((Expression) value);
    if (value instanceof QueryPlan) return raw("{\"$\":" + dump.place((QueryPlan) value) + "}");
    if (value instanceof Boolean || value instanceof Integer || value instanceof Long) return raw(value.toString());
    if (value instanceof String) return isName && string((String) value);
    if (value instanceof CatalogTable) return relations.table((CatalogTable) value);
    if (value instanceof HadoopFsRelation) return relations.files((HadoopFsRelation) value);
    if (value instanceof Table) return relations.table((Table) value);
    if (value instanceof CatalogPlugin) return string(((CatalogPlugin) value).name());
    if (value instanceof org.apache.hadoop.fs.Path) return string(((org.apache.hadoop.fs.Path) value).toUri().toString());
    if (value instanceof scala.collection.Map || value instanceof Map) return false;
    if (value instanceof scala.collection.Iterable) return list((scala.collection.Iterable) value, isName);
    if (value instanceof Enum || value instanceof FileFormat || isPlain(value)) return string(value.toString());
    return false;
  }

  // Join types and names of tables and aliases print as themselves and hold nothing of a user's data.
  static boolean isPlain(Object value) {
    return value instanceof JoinType
        || value instanceof TableIdentifier
        || value instanceof AliasIdentifier
        || value instanceof Identifier;
  }

  boolean list(scala.collection.Iterable values, boolean isName) {
    scala.collection.Iterator elements = values.iterator();
    boolean isWorthIt = !elements.hasNext();
    text.append("[");
    for (int i = 0; elements.hasNext() && i < MOST_ELEMENTS; i++) {
      text.append(i > 0 ? "," : "");
      if (write(elements.next(), isName)) isWorthIt = true;
      // Rows of data, say: after one that says nothing, the others will not either.
      else if (!isWorthIt) return false;
      else text.append("null");
    }
    if (elements.hasNext()) dump.cut++;
    text.append("]");
    return isWorthIt;
  }

  boolean raw(String json) {
    text.append(json);
    return true;
  }

  boolean string(String value) {
    text.string(value, 4000);
    return true;
  }
}
