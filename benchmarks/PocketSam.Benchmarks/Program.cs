using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using PocketSam.Benchmarks;
using PocketSam.Benchmarks.Load;
using PocketSam.Benchmarks.Mpi;

// "load" measures the service as its users meet it, "replicas" several of them behind one address, "reduce" under mpirun how fast
// gradients are added up. All else is BenchmarkDotNet's: everything, or what a filter names, as in
// dotnet run -c Release -- --filter '*Gemm*'
if (args is ["load", .. string[] rest])
    return await ServiceLoad.RunAsync(rest.Length > 0 ? rest[0] : Directory.GetCurrentDirectory());
if (args is ["replicas", var url, .. string[] length])
    return await ReplicaLoad.RunAsync(new Uri(url), length.Length > 0 ? length[0] : "30");
if (args is ["reduce"])
    return GradientReduction.Run();
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(
    args.Length == 0 ? ["--filter", "*"] : args, DefaultConfig.Instance.AddColumn(new PeakColumn()));
return 0;
