using BenchmarkDotNet.Running;

// All of them, or those that a filter names: dotnet run -c Release -- --filter '*Gemm*'
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args);
