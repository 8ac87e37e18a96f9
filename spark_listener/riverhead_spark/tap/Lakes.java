package riverhead.tap;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.analysis.ResolvedIdentifier;
import org.apache.spark.sql.catalyst.analysis.ResolvedTable;
import org.apache.spark.sql.catalyst.catalog.SessionCatalog;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.QueryPlan;
import org.apache.spark.sql.catalyst.plans.logical.TableSpec;
import org.apache.spark.sql.catalyst.plans.logical.V2CreateTablePlan;
import org.apache.spark.sql.connector.catalog.CatalogPlugin;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.write.RowLevelOperationTable;
import org.apache.spark.sql.execution.datasources.SaveIntoDataSourceCommand;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Relation;

/** Tables of lakes by reflection: neither Delta nor Iceberg is on every class path. Facts come from memory, not from storage. */
public class Lakes {
  static final int MOST_TABLES = 20;
  static final String DELTA = "org.apache.spark.sql.delta.";
  static final HashSet NAMING_A_TABLE = new HashSet(Arrays.asList((
      "AddPartitionField CreateOrReplaceBranch CreateOrReplaceTag DropBranch DropIdentifierFields DropPartitionField DropTag "
      + "ReplacePartitionField SetIdentifierFields SetWriteDistributionAndOrdering").split(" ")));
  static final String ICEBERG = "org.apache.iceberg.spark.source.";

  final PlanDump dump;
  final Json text;
  long started = Long.MAX_VALUE;
  // By location, who knows a table's versions.
  final LinkedHashMap tables = new LinkedHashMap();

  Lakes(PlanDump dump) {
    this.dump = dump;
    this.text = dump.text;
  }

  /** A table as its catalog knows it, without what a row-level command wraps round it. */
  static Table own(Table table) {
    return table instanceof RowLevelOperationTable ? (Table) ((RowLevelOperationTable) table).table() : table;
  }

  /** Writes what more a table of a lake, or the files of one, knows; nothing for any other. */
  void about(Object source) {
    String kind = source.getClass().getName();
    try {
      if (kind.startsWith(ICEBERG)) iceberg(source);
      else if (kind.equals(DELTA + "catalog.DeltaTableV2")) delta(Reflected.ask(source, "deltaLog"), Reflected.ask(source, "initialSnapshot"));
      else if (kind.startsWith(DELTA + "files.TahoeLogFileIndex")) delta(Reflected.ask(source, "deltaLog"), Reflected.ask(source, "snapshotAtAnalysis"));
      else if (kind.startsWith(DELTA + "files.")) delta(Reflected.ask(source, "deltaLog"), source);
    } catch (Throwable otherRelease) {
      dump.cut++;
    }
  }

  void delta(Object log, Object snapshot) throws Exception {
    String location = Addresses.place(String.valueOf(Reflected.ask(log, "dataPath")));
    long version = ((Number) Reflected.ask(snapshot, "version")).longValue();
    know(location, new LakeVersions(log, null, version < 0 ? null : Long.valueOf(version)));
    text.append(",\"lake\":\"delta\",\"path\":").string(location, 4000);
    if (version >= 0) text.append(",\"version\":").append(version);
  }

  void iceberg(Object source) throws Exception {
    Object table = Reflected.ask(source, "table");
    boolean isMetadata = isMetadata(table.getClass());
    String location = Addresses.place(String.valueOf(Reflected.ask(table, "location")));
    Object pinned = Reflected.ask(source, "snapshotId");
    String branch = (String) Reflected.ask(source, "branch");
    LakeVersions versions = new LakeVersions(table, branch, null);
    if (!isMetadata) versions.before = versions.before(started);
    Object version = pinned == null ? versions.before : pinned;
    if (!isMetadata) know(location, versions);
    text.append(",\"lake\":\"iceberg\",\"path\":").string(location, 4000);
    if (version != null) text.append(",\"version\":").append(((Number) version).longValue());
    if (isMetadata) text.append(",\"isMetadata\":true");
    if (branch != null) text.append(",\"branch\":").string(branch, 500);
  }

  static boolean isMetadata(Class kind) {
    for (Class above = kind; above != null; above = above.getSuperclass()) {
      if (above.getName().equals("org.apache.iceberg.BaseMetadataTable")) return true;
    }
    return false;
  }

  /** Writes what an operator's own fields do not say: the place of what is about to be made or filled. */
  void more(QueryPlan plan) {
    int mark = text.out.length();
    try {
      if (plan instanceof SaveIntoDataSourceCommand) saved((SaveIntoDataSourceCommand) plan);
      else if (plan instanceof V2CreateTablePlan) made((V2CreateTablePlan) plan);
      else if (plan instanceof ResolvedIdentifier) catalog(((ResolvedIdentifier) plan).catalog());
      else if (plan instanceof ResolvedTable) catalog(((ResolvedTable) plan).catalog());
      else if (plan instanceof DataSourceV2Relation && ((DataSourceV2Relation) plan).catalog().isDefined()) {
        catalog((CatalogPlugin) ((DataSourceV2Relation) plan).catalog().get());
        pinned(((DataSourceV2Relation) plan).options().get("snapshot-id"));
      } else if (plan.children().isEmpty() && NAMING_A_TABLE.contains(PlanDump.name(plan))) {
        named(plan);
      } else if (PlanDump.name(plan).equals("CloneTableCommand")) {
        cloned(Reflected.ask(plan, "sourceTable"));
      }
    } catch (Throwable otherRelease) {
      text.out.setLength(mark);
    }
  }

  /** The snapshot that a read's own option names; the table that it reads does not know of it. */
  void pinned(String snapshot) {
    if (snapshot != null) text.field("snapshot").append(Long.parseLong(snapshot));
  }

  void saved(SaveIntoDataSourceCommand command) {
    Object path = path(command.options());
    if (path == null || !command.dataSource().getClass().getName().startsWith(DELTA)) return;
    String location = qualified(path.toString());
    know(location, new LakeVersions(new Object[] {dump.query.sparkSession(), command.dataSource()}, path.toString(), null));
    text.field("lake").append("{\"lake\":\"delta\",\"path\":").string(location, 4000).append("}");
  }

  /** A place as its user wrote it, on the file system that it will be on, and without credentials. */
  String qualified(String path) {
    return dump.values.relations.place(path);
  }

  static Object path(scala.collection.Map options) {
    scala.collection.Iterator entries = options.iterator();
    while (entries.hasNext()) {
      scala.Tuple2 entry = (scala.Tuple2) entries.next();
      if ("path".equalsIgnoreCase((String) entry._1())) return entry._2();
    }
    return null;
  }

  /** Where a table that is about to be made will lie, or lies already. */
  void made(V2CreateTablePlan plan) throws Exception {
    Object spec = Reflected.ask(plan, "tableSpec");
    String provider = spec instanceof TableSpec ? (String) orNull(((TableSpec) spec).provider()) : null;
    String location = spec instanceof TableSpec ? (String) orNull(((TableSpec) spec).location()) : null;
    ResolvedIdentifier name = (ResolvedIdentifier) Reflected.ask(plan, "name");
    if (location == null) location = place(name);
    if (provider == null && location == null) return;
    text.field("place").append("{\"provider\":").string(provider, 200);
    text.append(",\"location\":").string(location == null ? null : qualified(location), 4000).append("}");
    boolean isDelta = "delta".equalsIgnoreCase(provider) && location != null && name.catalog().getClass().getName().startsWith(DELTA);
    if (isDelta) know(qualified(location), new LakeVersions(new Object[] {dump.query.sparkSession(), name.catalog()}, location, null));
  }

  /** A command of Iceberg's own, which spells its table out, its catalog first. */
  void named(QueryPlan plan) throws Exception {
    scala.collection.Seq names = (scala.collection.Seq) Reflected.ask(plan, "table");
    text.field("names").append("[");
    for (int i = 0; i < names.size(); i++) text.append(i > 0 ? "," : "").string((String) names.apply(i), 1000);
    text.append("]");
    catalog(dump.query.sparkSession().sessionState().catalogManager().catalog((String) names.apply(0)));
  }

  /** The table that a CLONE copies; what it makes one of, where that is no table of Delta's, is not told. */
  void cloned(Object source) throws Exception {
    if (!source.getClass().getName().equals(DELTA + "commands.CloneDeltaSource")) return;
    text.field("source").append("{\"table\":").string((String) Reflected.ask(source, "name"), 1000);
    about(Reflected.field(source, "sourceTable"));
    text.append("}");
  }

  static TableIdentifier identifier(ResolvedIdentifier name) {
    return TableIdentifier.apply(name.identifier().name(), scala.Option.apply(name.identifier().namespace()[0]));
  }

  String place(ResolvedIdentifier name) throws Exception {
    boolean isOfSession = name.catalog().name().equals("spark_catalog") && name.identifier().namespace().length == 1;
    if (!isOfSession) return null;
    boolean isPath = name.identifier().namespace()[0].equalsIgnoreCase("delta") && name.identifier().name().indexOf('/') >= 0;
    if (isPath) return name.identifier().name();
    SessionCatalog session = dump.query.sparkSession().sessionState().catalog();
    // What is replaced stays where it is.
    boolean isThere = session.tableExists(identifier(name));
    return (isThere ? session.getTableMetadata(identifier(name)).location() : session.defaultTablePath(identifier(name))).toString();
  }

  void catalog(CatalogPlugin catalog) {
    String kind = catalog.getClass().getName();
    boolean isIceberg = kind.startsWith("org.apache.iceberg.");
    if (!isIceberg && !kind.startsWith(DELTA)) return;
    text.field("inCatalog").append("{\"catalog\":").string(catalog.name(), 500);
    String of = "spark.sql.catalog." + catalog.name() + ".";
    String warehouse = conf(of + "warehouse");
    if (isIceberg) text.append(",\"type\":").string(conf(of + "type"), 100).append(",\"warehouse\":").string(warehouse == null ? null : Addresses.place(warehouse), 4000);
    text.append("}");
  }

  String conf(String key) {
    return dump.query.sparkSession().sessionState().conf().getConfString(key, null);
  }

  static Object orNull(scala.Option option) {
    return option.isDefined() ? option.get() : null;
  }

  /** A clause of a MERGE: what stands in it is what an operator's field is elsewhere. */
  static boolean isClause(Expression expression) {
    String kind = PlanDump.name(expression);
    return kind.startsWith("DeltaMerge") || kind.startsWith("MergeRows$");
  }

  /** The names of what a clause of Delta's MERGE assigns to, which no field of an expression holds. */
  void assigned(Expression expression) {
    if (!PlanDump.name(expression).equals("DeltaMergeAction")) return;
    int mark = text.out.length();
    try {
      scala.collection.Iterator parts = ((scala.collection.Seq) Reflected.ask(expression, "targetColNameParts")).iterator();
      text.append(",\"names\":[");
      for (boolean isFirst = true; parts.hasNext(); isFirst = false) {
        text.append(isFirst ? "" : ",").string((String) parts.next(), 1000);
      }
      text.append("]");
    } catch (Throwable otherRelease) {
      text.out.setLength(mark);
    }
  }

  void know(String location, LakeVersions versions) {
    if (tables.size() < MOST_TABLES) tables.put(location, versions);
  }

  /** Writes the latest versions of each table that the plan named, as they are now. */
  void after(Json text) {
    if (tables.isEmpty()) return;
    text.append(",\"lakes\":[");
    Iterator entries = tables.entrySet().iterator();
    for (boolean isFirst = true; entries.hasNext(); ) {
      Map.Entry entry = (Map.Entry) entries.next();
      int mark = text.out.length();
      try {
        text.append(isFirst ? "" : ",").append("{\"path\":").string((String) entry.getKey(), 4000);
        ((LakeVersions) entry.getValue()).write(text);
        text.append("}");
        isFirst = false;
      } catch (Throwable otherRelease) {
        text.out.setLength(mark);
      }
    }
    text.append("]");
  }
}
