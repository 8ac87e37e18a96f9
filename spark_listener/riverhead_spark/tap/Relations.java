package riverhead.tap;

import java.util.Map;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;

/** Where data lies: tables of the catalogs and files, as facts without options or credentials. */
public class Relations {
  final PlanDump dump;
  final Json text;
  final boolean isHive;

  Relations(PlanDump dump, boolean isHive) {
    this.dump = dump;
    this.text = dump.text;
    this.isHive = isHive;
  }

  boolean table(CatalogTable table) {
    java.net.URI location = table.storage().locationUri().isDefined() ? (java.net.URI) table.storage().locationUri().get() : null;
    // A managed table that is about to be made has no location yet. A Hive metastore is another process: it is not asked.
    if (location == null && !isHive && table.tableType().name().equals("MANAGED")) {
      location = dump.query.sparkSession().sessionState().catalog().defaultTablePath(table.identifier());
    }
    TableIdentifier identifier = dump.query.sparkSession().sessionState().catalog().qualifyIdentifier(table.identifier());
    text.append("{\"table\":").string(identifier.unquotedString(), 1000);
    text.append(",\"type\":").string(table.tableType().name(), 100).append(",\"provider\":");
    text.string(table.provider().isDefined() ? (String) table.provider().get() : null, 200);
    text.append(",\"location\":").string(location == null ? null : location.toString(), 4000);
    return raw("}");
  }

  boolean table(Table asPlanned) {
    Table table = Lakes.own(asPlanned);
    text.append("{\"table\":").string(table.name(), 1000).append(",\"class\":").string(PlanDump.name(table), 200);
    Map properties = table.properties();
    text.append(",\"location\":").string(properties == null ? null : (String) properties.get("location"), 4000);
    dump.lakes.about(table);
    return raw("}");
  }

  boolean files(HadoopFsRelation relation) {
    text.append("{\"format\":").string(relation.fileFormat().toString(), 200).append(",\"paths\":");
    dump.values.list(relation.location().rootPaths(), false);
    dump.lakes.about(relation.location());
    return raw("}");
  }

  boolean raw(String json) {
    text.append(json);
    return true;
  }
}
