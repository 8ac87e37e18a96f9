package riverhead.tap;

import java.util.Map;

/** Sources and sinks of streams and of connectors: what they keep to themselves of where their data lies. */
public class Connectors {
  static final String[] PATHS = {"qualifiedBasePath", "basePath", "path"};
  static final String[] OPTIONS = {"sourceOptions", "options"};

  static String location(Object connector) {
    // A log of Delta's and a table of Iceberg's know where they lie.
    Object log = Reflected.field(connector, "deltaLog");
    Object table = Reflected.field(connector, "table");
    Object known = log != null ? Reflected.call(log, "dataPath") : table != null ? Reflected.call(table, "location") : null;
    for (int i = 0; i < PATHS.length && known == null; i++) known = Reflected.field(connector, PATHS[i]);
    return known == null ? null : known.toString();
  }

  /** The options that a connector was made with; null where it keeps none. */
  static Object options(Object connector) {
    for (int i = 0; i < OPTIONS.length; i++) {
      Object held = Reflected.field(connector, OPTIONS[i]);
      if (held instanceof Map || held instanceof scala.collection.Map) return held;
    }
    return null;
  }
}
