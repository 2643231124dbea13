// Tests change the current directory and the number of threads, which are the process's.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
