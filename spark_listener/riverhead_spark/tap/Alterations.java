package riverhead.tap;

import org.apache.spark.sql.catalyst.analysis.FieldName;
import org.apache.spark.sql.catalyst.plans.QueryPlan;
import org.apache.spark.sql.catalyst.plans.logical.AddColumns;
import org.apache.spark.sql.catalyst.plans.logical.DropColumns;
import org.apache.spark.sql.catalyst.plans.logical.QualifiedColType;
import org.apache.spark.sql.catalyst.plans.logical.RenameColumn;
import org.apache.spark.sql.catalyst.plans.logical.ReplaceColumns;
import org.apache.spark.sql.catalyst.plans.logical.V2CreateTablePlan;
import org.apache.spark.sql.types.StructField;

/** What a command of the V2 catalogs makes of a table's columns: those it has then, gets, loses, or calls otherwise. */
public class Alterations {
  static final int MOST_COLUMNS = 20000;

  final Json text;

  Alterations(PlanDump dump) {
    this.text = dump.text;
  }

  void write(QueryPlan plan) {
    int mark = text.out.length();
    try {
      if (plan instanceof V2CreateTablePlan) columns(((V2CreateTablePlan) plan).tableSchema().fields());
      else if (plan instanceof AddColumns) columns("added", ((AddColumns) plan).columnsToAdd());
      else if (plan instanceof ReplaceColumns) columns("columns", ((ReplaceColumns) plan).columnsToAdd());
      else if (plan instanceof DropColumns) names("dropped", ((DropColumns) plan).columnsToDrop());
      else if (plan instanceof RenameColumn) {
        text.field("renamed").append("[").string(name(((RenameColumn) plan).column().name()), 1000);
        text.append(",").string(((RenameColumn) plan).newName(), 1000).append("]");
      }
    } catch (Throwable otherRelease) {
      text.out.setLength(mark);
    }
  }

  void columns(StructField[] fields) {
    if (fields.length == 0) return;
    text.field("columns").append("[");
    for (int i = 0; i < fields.length && i < MOST_COLUMNS; i++) {
      text.append(i > 0 ? ",[" : "[").string(fields[i].name(), 1000).append(",");
      text.string(fields[i].dataType().catalogString(), 4000).append("]");
    }
    text.append("]");
  }

  void columns(String what, scala.collection.Seq columns) {
    text.field(what).append("[");
    for (int i = 0; i < columns.size() && i < MOST_COLUMNS; i++) {
      QualifiedColType column = (QualifiedColType) columns.apply(i);
      text.append(i > 0 ? ",[" : "[").string(name(column.name()), 1000).append(",");
      text.string(column.dataType().catalogString(), 4000).append("]");
    }
    text.append("]");
  }

  void names(String what, scala.collection.Seq columns) {
    text.field(what).append("[");
    for (int i = 0; i < columns.size() && i < MOST_COLUMNS; i++) {
      text.append(i > 0 ? "," : "").string(name(((FieldName) columns.apply(i)).name()), 1000);
    }
    text.append("]");
  }

  static String name(scala.collection.Seq parts) {
    return parts.mkString(".");
  }
}
