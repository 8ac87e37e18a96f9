package riverhead.tap;

import java.util.ArrayList;
import java.util.HashSet;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapred.FileInputFormat;
import org.apache.hadoop.mapred.JobConf;
import org.apache.spark.Dependency;
import org.apache.spark.rdd.HadoopRDD;
import org.apache.spark.rdd.NewHadoopRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.rdd.UnionRDD;
import org.apache.spark.sql.execution.datasources.FilePartition;
import org.apache.spark.sql.execution.datasources.FileScanRDD;
import org.apache.spark.sql.execution.datasources.PartitionedFile;

/** RDDs as nodes of a plan: what each is, what it is made of, and which files it reads. */
public class Rdds {
  static final int MOST_FILES = 10000;
  static final int MOST_FOLDERS = 1000;
  static final int MOST_NODES = 1000;

  final PlanDump dump;
  final Json text;
  int nodes = 0;
  int readers = 0;

  Rdds(PlanDump dump) {
    this.dump = dump;
    this.text = dump.text;
  }

  /** Writes an RDD or an action of RDDs; false for what is neither. */
  boolean node(Object node) {
    if (node instanceof Jobs.Job) ((Jobs.Job) node).write(dump);
    else if (node instanceof RDD) rdd((RDD) node);
    else return false;
    return true;
  }

  void rdd(RDD rdd) {
    text.append("{\"n\":\"Rdd\",\"ch\":[");
    ArrayList parents = parents(rdd);
    if (++nodes > MOST_NODES) dump.cut += parents.size();
    else for (int i = 0; i < parents.size(); i++) text.append(i > 0 ? "," : "").append(dump.place(parents.get(i)));
    text.append("],\"f\":{\"class\":").string(PlanDump.name(rdd), 200);
    String name = rdd.name();
    // Spark names an RDD after the path that it reads; a path is told as one, below.
    if (name != null && name.indexOf('/') < 0) text.append(",\"name\":").string(name, 200);
    ArrayList paths = paths(rdd);
    if (paths != null) {
      readers++;
      text.append(",\"files\":{\"paths\":[");
      for (int i = 0; i < paths.size(); i++) text.append(i > 0 ? "," : "").string((String) paths.get(i), 4000);
      text.append("]}");
    }
    text.append("}}");
  }

  static ArrayList parents(RDD rdd) {
    ArrayList found = new ArrayList();
    try {
      boolean isUnion = rdd instanceof UnionRDD;
      // A union computes its partitions to know its dependencies, which may list files; its parts are known without.
      scala.collection.Iterator all = isUnion ? ((UnionRDD) rdd).rdds().iterator() : rdd.dependencies().iterator();
      while (all.hasNext()) {
        Object next = all.next();
        found.add(isUnion ? next : ((Dependency) next).rdd());
      }
    } catch (Throwable unknown) {
      return found;
    }
    return found;
  }

  static ArrayList paths(RDD rdd) {
    try {
      if (rdd instanceof HadoopRDD) return inputs(((HadoopRDD) rdd).getJobConf());
      if (rdd instanceof NewHadoopRDD) return inputs(new JobConf(((NewHadoopRDD) rdd).getConf()));
      if (rdd instanceof FileScanRDD) return folders((FileScanRDD) rdd);
    } catch (Throwable unreadable) {
      return null;
    }
    return null;
  }

  static ArrayList inputs(JobConf conf) {
    ArrayList found = new ArrayList();
    Path[] paths = FileInputFormat.getInputPaths(conf);
    for (int i = 0; i < paths.length && i < MOST_FOLDERS; i++) found.add(Addresses.place(paths[i]));
    return found;
  }

  /** The folders of the files that a query's scan reads: the scan itself is not known any more. */
  static ArrayList folders(FileScanRDD scan) {
    HashSet seen = new HashSet();
    ArrayList found = new ArrayList();
    scala.collection.Iterator partitions = scan.filePartitions().iterator();
    for (int files = 0; partitions.hasNext() && files < MOST_FILES; ) {
      PartitionedFile[] all = ((FilePartition) partitions.next()).files();
      for (int i = 0; i < all.length; i++, files++) {
        String folder = Addresses.place(all[i].toPath().getParent());
        if (seen.size() < MOST_FOLDERS && seen.add(folder)) found.add(folder);
      }
    }
    return found;
  }
}
