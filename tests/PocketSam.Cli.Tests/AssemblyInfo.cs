using Xunit.Sdk;
using Xunit.v3;

// Tests change the current directory and the number of threads, which are the process's.
[assembly: Parallelization(Mode = ParallelMode.None)]
