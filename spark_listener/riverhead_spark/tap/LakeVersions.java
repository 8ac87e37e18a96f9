package riverhead.tap;

import java.lang.reflect.Method;
import java.util.Map;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** The versions of one table of a lake, newest first, with their times: Delta's commits, Iceberg's snapshots. */
public class LakeVersions {
  static final int MOST_VERSIONS = 10;
  static final String[] COUNTED = {"added-records", "added-data-files", "added-files-size", "deleted-records"};

  // Delta's log or Iceberg's table; for a write to a path, who can find the log once it is there.
  Object owner;
  final String ref;
  // The version that the plan was made for, if there was one.
  Long before;

  LakeVersions(Object owner, String ref, Long before) {
    this.owner = owner;
    this.ref = ref;
    this.before = before;
  }

  void write(Json text) throws Exception {
    if (owner instanceof Object[]) owner = log((Object[]) owner, new Path(ref));
    if (before != null) text.append(",\"before\":").append(before.longValue());
    text.append(",\"versions\":[");
    if (owner.getClass().getName().startsWith(Lakes.DELTA)) commits(text, Reflected.ask(Reflected.ask(owner, "unsafeVolatileSnapshot"), "logSegment"));
    else snapshots(text);
    text.append("]");
  }

  /** The log at a path; Delta keeps the logs that it used, so a table just written is not read again. */
  static Object log(Object[] sessionAndSource, Path path) throws Exception {
    Class logs = sessionAndSource[1].getClass().getClassLoader().loadClass(Lakes.DELTA + "DeltaLog");
    Method[] methods = logs.getMethods();
    for (int i = 0; i < methods.length; i++) {
      Class[] takes = methods[i].getParameterTypes();
      boolean isIt = methods[i].getName().equals("forTable") && takes.length == 2 && takes[1] == Path.class;
      if (isIt) return methods[i].invoke(null, new Object[] {sessionAndSource[0], path});
    }
    throw new NoSuchMethodException("forTable");
  }

  static void commits(Json text, Object segment) throws Exception {
    long latest = ((Number) Reflected.ask(segment, "version")).longValue();
    text.append("[").append(latest).append(",");
    text.append(((Number) Reflected.ask(segment, "lastCommitFileModificationTimestamp")).longValue()).append("]");
    scala.collection.Seq deltas = (scala.collection.Seq) Reflected.ask(segment, "deltas");
    for (int i = deltas.size() - 1, written = 1; i >= 0 && written < MOST_VERSIONS; i--) {
      FileStatus file = (FileStatus) deltas.apply(i);
      String name = file.getPath().getName();
      long version = Long.parseLong(name.substring(0, name.indexOf('.')));
      if (version >= latest) continue;
      text.append(",[").append(version).append(",").append(file.getModificationTime()).append("]");
      written++;
    }
  }

  void snapshots(Json text) throws Exception {
    Object snapshot = head();
    for (int i = 0; snapshot != null && i < MOST_VERSIONS; i++, snapshot = parent(snapshot)) {
      text.append(i > 0 ? "," : "").append("[").append(((Number) Reflected.ask(snapshot, "snapshotId")).longValue());
      text.append(",").append(at(snapshot)).append(",{");
      Map summary = (Map) Reflected.ask(snapshot, "summary");
      for (int j = 0, written = 0; summary != null && j < COUNTED.length; j++) {
        if (summary.get(COUNTED[j]) == null) continue;
        text.append(written++ > 0 ? "," : "").string(COUNTED[j], 100).append(":").string((String) summary.get(COUNTED[j]), 30);
      }
      text.append("}]");
    }
  }

  /** The snapshot that was the latest one before this moment. */
  Long before(long moment) throws Exception {
    Object snapshot = head();
    while (snapshot != null && at(snapshot) >= moment) snapshot = parent(snapshot);
    return snapshot == null ? null : (Long) Reflected.ask(snapshot, "snapshotId");
  }

  Object head() throws Exception {
    return ref == null ? Reflected.ask(owner, "currentSnapshot") : snapshot(String.class, ref);
  }

  Object parent(Object snapshot) throws Exception {
    Object id = Reflected.ask(snapshot, "parentId");
    return id == null ? null : snapshot(Long.TYPE, id);
  }

  Object snapshot(Class kind, Object which) throws Exception {
    Method method = owner.getClass().getMethod("snapshot", new Class[] {kind});
    method.setAccessible(true);
    return method.invoke(owner, new Object[] {which});
  }

  static long at(Object snapshot) throws Exception {
    return ((Number) Reflected.ask(snapshot, "timestampMillis")).longValue();
  }
}
