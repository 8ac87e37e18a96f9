"""The tap in the JVM: its Java source, how it is compiled, and how Python polls it. Every py4j call of the room."""
