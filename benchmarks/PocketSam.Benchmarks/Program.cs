using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using PocketSam.Benchmarks;
using PocketSam.Benchmarks.Load;

// "load" measures the service as its users meet it. All else is BenchmarkDotNet's: everything, or what a filter names, as in
// dotnet run -c Release -- --filter '*Gemm*'
if (args is ["load", .. string[] rest])
    return await ServiceLoad.RunAsync(rest.Length > 0 ? rest[0] : Directory.GetCurrentDirectory());
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(
    args.Length == 0 ? ["--filter", "*"] : args, DefaultConfig.Instance.AddColumn(new PeakColumn()));
return 0;
