package riverhead.tap;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.AliasIdentifier;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.analysis.ViewType;
import org.apache.spark.sql.catalyst.catalog.CatalogStorageFormat;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.JoinType;
import org.apache.spark.sql.catalyst.plans.QueryPlan;
import org.apache.spark.sql.connector.catalog.CatalogPlugin;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.streaming.SparkDataStream;
import org.apache.spark.sql.execution.datasources.FileFormat;
import org.apache.spark.sql.execution.datasources.v2.StreamingDataSourceV2Relation;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.CreatableRelationProvider;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;

/** The fields of an operator, by kind; what is of no kind that is known to be harmless is not written. */
public class Values {
  static final int MOST_ELEMENTS = 20000;
  static final int MOST_TYPE = 65536;
  static final int MOST_SQL = 65536;
  // Commands that change a table which they know by its name only.
  static final String[] CHANGING = {"Alter", "Create", "Drop", "LoadData", "Truncate"};
  // Free text can hold anything, so a constructor's strings are written only where they are known to be names or places.
  static final HashSet NAMES = new HashSet(Arrays.asList("outputColumnNames userSpecifiedColumns".split(" ")));
  static final HashSet PLACES = new HashSet(Arrays.asList("location path".split(" ")));
  static final HashSet PARTITIONS = new HashSet(Arrays.asList("partition partitionSpec staticPartitions".split(" ")));

  final PlanDump dump;
  final Json text;
  final Relations relations;

  Values(PlanDump dump, boolean isHive) {
    this.dump = dump;
    this.text = dump.text;
    this.relations = new Relations(dump, isHive);
  }

  static boolean isChanging(String operator) {
    for (int i = 0; i < CHANGING.length; i++) if (operator.startsWith(CHANGING[i]) && operator.endsWith("Command")) return true;
    return false;
  }

  /** Writes what can be written of an operator's field. */
  boolean field(String name, Object value) {
    if (PLACES.contains(name) && value instanceof String) return string(relations.place((String) value));
    if (PARTITIONS.contains(name)) return partition(value);
    return write(value, NAMES.contains(name));
  }

  /** Writes what can be written of a value; returns false, having written nothing worth keeping, where nothing can. */
  boolean write(Object value, boolean isName) {
    if (dump.isFull()) {
      dump.cut++;
      return false;
    }
    if (value instanceof scala.Option) return !((scala.Option) value).isEmpty() && write(((scala.Option) value).get(), isName);
    if (value instanceof Expression) return dump.expressions.write((Expression) value);
    if (value instanceof StreamingDataSourceV2Relation) return write(Reflected.call(value, "table"), false);
    if (value instanceof QueryPlan) return text.raw("{\"$\":" + dump.place((QueryPlan) value) + "}");
    if (value instanceof Boolean || value instanceof Integer || value instanceof Long) return text.raw(value.toString());
    if (value instanceof String) return isName && string((String) value);
    if (value instanceof CatalogTable) return relations.table((CatalogTable) value, !dump.hasOutput);
    if (value instanceof TableIdentifier && dump.isChanging) return relations.table((TableIdentifier) value);
    if (value instanceof BaseRelation) return relations.relation((BaseRelation) value);
    if (value instanceof Table) return relations.table((Table) value);
    if (value instanceof RDD) return text.raw("{\"$\":" + dump.place(value) + "}");
    if (value instanceof SparkDataStream) return relations.stream((SparkDataStream) value);
    // What a stream keeps no options of, its scan may.
    if (value instanceof Scan) return scan(Connectors.options(value));
    if (value instanceof CatalogPlugin) return relations.catalog((CatalogPlugin) value);
    if (value instanceof CatalogStorageFormat) return relations.storage((CatalogStorageFormat) value);
    if (value instanceof Path) return string(Addresses.place((Path) value));
    if (value instanceof CreatableRelationProvider) return string(PlanDump.name(value));
    if (value instanceof StructField) return column(((StructField) value).name(), ((StructField) value).dataType());
    if (value instanceof scala.Tuple2) return isName && write(((scala.Tuple2) value)._1(), true);
    if (value instanceof scala.collection.Map) return options(value);
    if (value instanceof Map) return options(value);
    if (value instanceof scala.collection.Iterable) return list((scala.collection.Iterable) value, isName);
    if (value instanceof Enum || value instanceof FileFormat || isPlain(value)) return string(value.toString());
    return false;
  }

  // Join types and names of tables and aliases print as themselves and hold nothing of a user's data.
  static boolean isPlain(Object value) {
    return value instanceof JoinType
        || value instanceof TableIdentifier
        || value instanceof AliasIdentifier
        || value instanceof ViewType
        || value instanceof Identifier;
  }

  /** The columns that a command gives a value of its own; the values stay here. */
  boolean partition(Object value) {
    Object spec = value instanceof scala.Option && ((scala.Option) value).isDefined() ? ((scala.Option) value).get() : value;
    if (!(spec instanceof scala.collection.Map)) return write(value, false);
    return !((scala.collection.Map) spec).isEmpty() && list(((scala.collection.Map) spec).keys(), true);
  }

  boolean scan(Object options) {
    return options != null && options(options);
  }

  boolean options(Object options) {
    String kept = relations.options(options);
    return kept != null && text.raw(kept);
  }

  boolean column(String name, DataType type) {
    text.append("[").string(name, 1000).append(",").string(type.catalogString(), MOST_TYPE);
    return text.raw("]");
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

  boolean string(String value) {
    text.string(value, 4000);
    return true;
  }
}
