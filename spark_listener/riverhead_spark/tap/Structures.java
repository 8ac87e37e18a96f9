package riverhead.tap;

import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetArrayStructFields;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.Inline;
import org.apache.spark.sql.catalyst.expressions.UpdateFields;
import org.apache.spark.sql.catalyst.expressions.WithField;
import org.apache.spark.sql.types.StructType;

/** The fields of structures, by name: `field` is the one that is taken, `names` are those of what is made. */
public class Structures {
  static final int MOST_NAME = 1000;

  final Json text;

  Structures(Json text) {
    this.text = text;
  }

  void write(Expression expression) {
    if (expression instanceof GetStructField) taken(((GetStructField) expression).extractFieldName());
    else if (expression instanceof GetArrayStructFields) taken(((GetArrayStructFields) expression).field().name());
    else if (expression instanceof CreateNamedStruct) made(((CreateNamedStruct) expression).dataType());
    else if (expression instanceof Inline) made(((Inline) expression).elementSchema());
    else if (expression instanceof UpdateFields) updated((UpdateFields) expression);
  }

  void taken(String field) {
    text.append(",\"field\":").string(field, MOST_NAME);
  }

  void made(StructType type) {
    text.append(",\"names\":[");
    String[] names = type.fieldNames();
    for (int i = 0; i < names.length; i++) text.append(i > 0 ? "," : "").string(names[i], MOST_NAME);
    text.append("]");
  }

  /** `with` names the fields that the second child and those after it fill. */
  void updated(UpdateFields update) {
    made((StructType) update.dataType());
    text.append(",\"with\":[");
    scala.collection.Iterator operations = update.fieldOps().iterator();
    for (int i = 0; operations.hasNext(); ) {
      Object operation = operations.next();
      if (operation instanceof WithField) text.append(i++ > 0 ? "," : "").string(((WithField) operation).name(), MOST_NAME);
    }
    text.append("]");
  }
}
