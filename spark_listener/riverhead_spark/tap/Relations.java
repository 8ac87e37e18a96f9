package riverhead.tap;

import java.lang.reflect.Method;
import java.net.URI;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.TableIdentifier;
import org.apache.spark.sql.catalyst.analysis.ResolvedIdentifier;
import org.apache.spark.sql.catalyst.catalog.CatalogStorageFormat;
import org.apache.spark.sql.catalyst.catalog.CatalogTable;
import org.apache.spark.sql.catalyst.catalog.SessionCatalog;
import org.apache.spark.sql.catalyst.plans.QueryPlan;
import org.apache.spark.sql.connector.catalog.CatalogPlugin;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.read.streaming.SparkDataStream;
import org.apache.spark.sql.execution.datasources.FileIndex;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.PartitioningAwareFileIndex;
import org.apache.spark.sql.execution.datasources.jdbc.JDBCOptions;
import org.apache.spark.sql.execution.datasources.jdbc.JDBCRelation;
import org.apache.spark.sql.execution.datasources.v2.FileTable;
import org.apache.spark.sql.execution.datasources.v2.jdbc.JDBCTable;
import org.apache.spark.sql.sources.BaseRelation;

/** Where data lies: tables of the catalogs, files and databases, as facts without credentials. */
public class Relations {
  // Options that say where data lies; the value of any other may be a secret.
  static final HashSet OPTIONS = new HashSet(Arrays.asList((
      "path url dbtable table kafka.bootstrap.servers subscribe assign subscribepattern topic").split(" ")));

  // Tables as they were last seen, by name: a table may be gone before it can be asked for.
  static final Bounded SEEN = new Bounded(500);
  static final int LONGEST_SEEN = 20000;

  final PlanDump dump;
  final Json text;
  final boolean isHive;
  private URI system = null;

  Relations(PlanDump dump, boolean isHive) {
    this.dump = dump;
    this.text = dump.text;
    this.isHive = isHive;
  }

  /** A scan of a JDBC catalog's table runs as one of the older kind, which is wrapped; on Spark 3.5 within a scan. */
  static BaseRelation ofCatalog(BaseRelation relation) {
    String kind = PlanDump.name(relation);
    boolean isWrapped = kind.equals("JDBCV1RelationFromV2Scan");
    Object holder = isWrapped ? relation : kind.startsWith("JDBCScan$") ? Reflected.field(relation, "$outer") : null;
    Object held = holder == null ? null : Reflected.field(holder, "relation");
    return held instanceof BaseRelation ? (BaseRelation) held : relation;
  }

  boolean relation(BaseRelation asPlanned) {
    BaseRelation relation = ofCatalog(asPlanned);
    text.append("{\"class\":").string(PlanDump.name(relation), 200);
    if (relation instanceof HadoopFsRelation) {
      text.append(",\"format\":").string(((HadoopFsRelation) relation).fileFormat().toString(), 200);
      files(((HadoopFsRelation) relation).location());
      dump.lakes.about(((HadoopFsRelation) relation).location());
    } else if (relation instanceof JDBCRelation) {
      database(((JDBCRelation) relation).jdbcOptions());
    } else {
      // A connector's, which keeps the options that it was made with.
      held(relation);
    }
    return text.raw("}");
  }

  /** A source of a stream: where it lies, and the options that say so. */
  boolean stream(SparkDataStream stream) {
    text.append("{\"class\":").string(PlanDump.name(stream), 200);
    String location = Connectors.location(stream);
    if (location != null) text.append(",\"location\":").string(place(location), Addresses.LONGEST);
    held(stream);
    return text.raw("}");
  }

  void held(Object connector) {
    Object held = Connectors.options(connector);
    String options = held == null ? null : options(held);
    if (options != null) text.append(",\"options\":").append(options);
  }

  /** The roots of a listing; which of them are files is told apart without asking the file system. */
  void files(FileIndex index) {
    text.append(",\"paths\":[");
    StringBuilder files = new StringBuilder();
    scala.collection.Iterator roots = index.rootPaths().iterator();
    for (int i = 0; roots.hasNext(); i++) {
      if (i == Values.MOST_ELEMENTS || dump.isFull()) {
        dump.cut++;
        break;
      }
      Path root = (Path) roots.next();
      text.append(i > 0 ? "," : "").string(Addresses.place(root), Addresses.LONGEST);
      boolean isFile = index instanceof PartitioningAwareFileIndex && ((PartitioningAwareFileIndex) index).leafFiles().contains(root);
      if (isFile) files.append(files.length() > 0 ? "," : "").append(i);
    }
    text.append("]");
    if (files.length() > 0) text.append(",\"files\":[").append(files.toString()).append("]");
  }

  void database(JDBCOptions options) {
    text.append(",\"url\":").string(Addresses.database(options.url()), Addresses.LONGEST);
    text.append(",\"dbtable\":").string(options.tableOrQuery(), Values.MOST_SQL);
  }

  /** A table as a session's catalog has it; its columns where the operator that holds it puts none out. */
  boolean table(CatalogTable table, boolean hasColumns) {
    String type = table.tableType().name();
    scala.Option known = table.storage().locationUri();
    // A managed table that is about to be made has no location yet. A Hive metastore is another process: only a command
    // that talks to it anyway is worth a question.
    boolean isNew = known.isEmpty() && type.equals("MANAGED") && (!isHive || dump.isChanging);
    URI location = known.isDefined() ? (URI) known.get() : isNew ? defaultPlace(table.identifier()) : null;
    int mark = text.out.length();
    named(table.identifier(), type);
    text.append(",\"provider\":").string(table.provider().isDefined() ? (String) table.provider().get() : null, 200);
    text.append(",\"location\":").string(location == null ? null : Addresses.place(location.toString()), Addresses.LONGEST);
    if (hasColumns) {
      text.append(",\"columns\":");
      dump.values.write(table.schema(), false);
    }
    String options = options(table.storage().properties());
    if (options != null) text.append(",\"options\":").append(options);
    text.append("}");
    if (hasColumns) remember(name(table.identifier()), text.out.substring(mark));
    return true;
  }

  /** What a command changes by its name, as it is at this moment; only its name, where it is not there. */
  boolean table(TableIdentifier identifier) {
    CatalogTable found = null;
    boolean isTemporary = false;
    try {
      isTemporary = session().isTempView(identifier);
      if (!isTemporary) found = session().getTableMetadata(identifier);
    } catch (Throwable missing) {
      // Made only now, or gone already.
    }
    if (found != null) table(found, true);
    boolean isDropped = PlanDump.name(dump.plans.get(0)).startsWith("Drop");
    String seen = isTemporary ? null : seen(name(identifier), isDropped);
    if (found != null) return true;
    if (seen != null) return text.raw(seen);
    named(identifier, isTemporary ? "TEMPORARY" : null);
    return text.raw("}");
  }

  static void remember(String name, String described) {
    synchronized (SEEN) {
      if (described.length() <= LONGEST_SEEN) SEEN.renew(name, described);
      else SEEN.remove(name);
    }
  }

  static String seen(String name, boolean isDropped) {
    synchronized (SEEN) {
      return (String) (isDropped ? SEEN.remove(name) : SEEN.get(name));
    }
  }

  private String name(TableIdentifier identifier) {
    return session().qualifyIdentifier(identifier).unquotedString();
  }

  private URI defaultPlace(TableIdentifier identifier) {
    try {
      return session().defaultTablePath(identifier);
    } catch (Throwable missing) {
      return null;
    }
  }

  /** What a name that only a catalog knows means in the session's own catalog, as it is at this moment. */
  void session(QueryPlan plan) {
    if (!(plan instanceof ResolvedIdentifier)) return;
    ResolvedIdentifier resolved = (ResolvedIdentifier) plan;
    String[] namespace = resolved.identifier().namespace();
    if (!resolved.catalog().name().equals("spark_catalog") || namespace.length != 1) return;
    text.field("session");
    table(new TableIdentifier(resolved.identifier().name(), scala.Option.apply(namespace[0])));
  }

  private void named(TableIdentifier identifier, String type) {
    text.append("{\"table\":").string(name(identifier), 1000);
    text.append(",\"type\":").string(type, 100).append(",\"warehouse\":");
    text.string(place(dump.query.sparkSession().sessionState().conf().warehousePath()), Addresses.LONGEST);
    if (isHive) text.append(",\"metastore\":").string(hadoop().get("hive.metastore.uris", ""), 1000);
  }

  boolean table(Table asPlanned) {
    Table table = Lakes.own(asPlanned);
    // A stream's sinks are tables, too, and most of them fail when they are asked for a name.
    Object name = Reflected.call(table, "name");
    text.append("{\"table\":").string(name == null ? null : name.toString(), 1000);
    text.append(",\"class\":").string(PlanDump.name(table), 200);
    Object properties = Reflected.call(table, "properties");
    Object location = properties instanceof Map ? ((Map) properties).get("location") : null;
    if (location == null) location = Connectors.location(table);
    text.append(",\"location\":").string(location == null ? null : Addresses.place((String) location), Addresses.LONGEST);
    if (table instanceof FileTable) {
      text.append(",\"format\":").string(((FileTable) table).formatName(), 200);
      files(((FileTable) table).fileIndex());
    } else if (table instanceof JDBCTable) {
      database(((JDBCTable) table).jdbcOptions());
    }
    dump.lakes.about(table);
    return text.raw("}");
  }

  boolean catalog(CatalogPlugin catalog) {
    text.append("{\"catalog\":").string(catalog.name(), 200).append(",\"class\":").string(PlanDump.name(catalog), 200);
    if (PlanDump.name(catalog).equals("JDBCTableCatalog")) {
      try {
        Method options = catalog.getClass().getDeclaredMethod("options", new Class[0]);
        options.setAccessible(true);
        String url = ((JDBCOptions) options.invoke(catalog, new Object[0])).url();
        text.append(",\"url\":").string(Addresses.database(url), Addresses.LONGEST);
      } catch (Throwable unknown) {
        // A table of this catalog still says where it is when it is read.
      }
    }
    return text.raw("}");
  }

  boolean storage(CatalogStorageFormat storage) {
    URI location = storage.locationUri().isDefined() ? (URI) storage.locationUri().get() : null;
    boolean isPlain = location != null && location.getScheme() == null;
    String place = location == null ? null : isPlain ? place(location.getPath()) : Addresses.place(location.toString());
    text.append("{\"location\":").string(place, Addresses.LONGEST);
    String options = options(storage.properties());
    if (options != null) text.append(",\"options\":").append(options);
    return text.raw("}");
  }

  /** The options that say where data lies, as JSON; null where none does. */
  String options(Object options) {
    Json kept = new Json();
    if (options instanceof Map) {
      java.util.Iterator entries = ((Map) options).entrySet().iterator();
      while (entries.hasNext()) {
        Map.Entry entry = (Map.Entry) entries.next();
        option(kept, entry.getKey(), entry.getValue());
      }
    } else {
      scala.collection.Iterator entries = ((scala.collection.Map) options).iterator();
      while (entries.hasNext()) {
        scala.Tuple2 entry = (scala.Tuple2) entries.next();
        option(kept, entry._1(), entry._2());
      }
    }
    return kept.out.length() == 0 ? null : "{" + kept + "}";
  }

  private void option(Json kept, Object name, Object option) {
    String key = String.valueOf(name).toLowerCase();
    if (!OPTIONS.contains(key) || !(option instanceof String)) return;
    String value = (String) option;
    String safe = value;
    if (key.equals("path")) safe = place(value);
    if (key.equals("url")) safe = value.startsWith("jdbc:") ? Addresses.database(value) : Addresses.place(value);
    kept.append(kept.out.length() > 0 ? "," : "").string(key, 100).append(":").string(safe, Addresses.LONGEST);
  }

  String place(String path) {
    // Hadoop works out its default anew for every question.
    if (system == null) system = FileSystem.getDefaultUri(hadoop());
    return Addresses.place(path, system);
  }

  private SessionCatalog session() {
    return dump.query.sparkSession().sessionState().catalog();
  }

  private Configuration hadoop() {
    return dump.query.sparkSession().sparkContext().hadoopConfiguration();
  }
}
