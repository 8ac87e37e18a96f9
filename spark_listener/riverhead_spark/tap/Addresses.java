package riverhead.tap;

import java.net.URI;
import java.util.Arrays;
import java.util.HashSet;
import java.util.StringTokenizer;
import org.apache.hadoop.fs.Path;

/** Addresses of data without the credentials that people put into them. Where one cannot tell, less is kept. */
public class Addresses {
  static final int LONGEST = 4000;
  static final String ENDS = ";&?,#/";
  // The properties of a JDBC URL that say which database it is; no other leaves the JVM.
  static final HashSet NAMING = new HashSet(Arrays.asList((
      "account awsregion catalog catalog_name conncatalog connschema currentschema database databasename db dbs_port "
      + "defaultdataset host instance instancename port portnumber project projectid region region_name schema "
      + "schema_name server servername service_name sid").split(" ")));

  /** A place of files: no user, no password, no signature. */
  public static String place(String uri) {
    int scheme = uri.indexOf("://");
    if (scheme < 0 || scheme > 30 || uri.startsWith("file:")) return uri;
    int query = uri.indexOf('?');
    String plain = query < 0 ? uri : uri.substring(0, query);
    int end = plain.indexOf('/', scheme + 3);
    int at = plain.lastIndexOf('@', end < 0 ? plain.length() : end);
    if (at < 0) return plain;
    // On Azure a container stands where others have a user.
    int colon = plain.indexOf(':', scheme + 3);
    if (uri.startsWith("abfs") || uri.startsWith("wasb")) {
      return colon > 0 && colon < at ? plain.substring(0, colon) + plain.substring(at) : plain;
    }
    return plain.substring(0, scheme + 3) + plain.substring(at + 1);
  }

  static String place(Path path) {
    return place(path.toUri().getScheme() == null ? path.toUri().getPath() : path.toUri().toString());
  }

  /** A path as a user wrote it, as Spark will read it: from here, on the default file system. */
  static String place(String path, URI system) {
    try {
      return place(new Path(path).makeQualified(system, new Path(System.getProperty("user.dir"))));
    } catch (Throwable malformed) {
      return null;
    }
  }

  /** A JDBC URL: the place, and of its properties those that name the database. */
  public static String database(String url) {
    if (url == null || url.length() > LONGEST || !url.regionMatches(true, 0, "jdbc:", 0, 5)) return null;
    int driver = url.indexOf(':', 5) + 1;
    if (driver == 0) return null;
    int slashes = url.indexOf("//", driver);
    // Oracle has a user in front of the slashes.
    boolean isPlain = slashes < 0 || url.lastIndexOf('@', slashes) > driver;
    int begin = isPlain ? driver : slashes + 2;
    String rest = url.substring(begin);
    int end = firstOf(rest, ";?");
    String place = rest.substring(0, end);
    int at = place.lastIndexOf('@');
    // A password may hold what looks like the end of its place.
    if (at < 0 && rest.indexOf('@') >= 0 && beginsWithUser(place)) return url.substring(0, begin);
    boolean hasUser = at >= 0 && (isPlain || at < firstOf(place, "/") || beginsWithUser(place));
    String plain = hasUser ? (isPlain ? rest.substring(at) : rest.substring(at + 1)) : rest;
    return (url.substring(0, begin) + named(plain)).replaceAll("(?i)\\([^()=]*(user|pass|pwd|secret|token)[^()=]*=[^)]*\\)", "");
  }

  static String named(String rest) {
    StringBuilder kept = new StringBuilder();
    StringTokenizer steps = new StringTokenizer(rest, ENDS, true);
    String before = "";
    String opening = null;
    boolean isAnyKept = false;
    while (steps.hasMoreTokens()) {
      String step = steps.nextToken();
      if (ENDS.indexOf(step) >= 0) {
        before += step;
        continue;
      }
      int equals = step.indexOf('(') >= 0 ? -1 : step.indexOf('=');
      int colon = equals < 0 ? -1 : step.lastIndexOf(':', equals);
      // Behind the first property, what is none may be the rest of a value.
      if (equals < 0 && opening == null) kept.append(before).append(step);
      // DB2 has its properties behind a colon.
      else if (opening == null && colon >= 0) kept.append(before).append(step.substring(0, colon));
      if (equals >= 0 && NAMING.contains(step.substring(0, equals).trim().toLowerCase())) {
        kept.append(opening == null || isAnyKept ? before : opening).append(step);
        isAnyKept = true;
      }
      if (equals >= 0 && opening == null) opening = before;
      before = "";
    }
    return kept.toString();
  }

  static int firstOf(String text, String ends) {
    for (int i = 0; i < text.length(); i++) if (ends.indexOf(text.charAt(i)) >= 0) return i;
    return text.length();
  }

  static boolean beginsWithUser(String place) {
    int colon = place.indexOf(':');
    if (colon < 0 || colon + 1 == place.length()) return colon >= 0;
    return !Character.isDigit(place.charAt(colon + 1)) && place.charAt(colon + 1) != '/';
  }
}
