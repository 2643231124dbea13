using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Microsoft.ML.OnnxRuntime;

namespace PocketSam.OnnxRuntime.Running;

/// <summary>Opens sessions, and says in one line why one cannot be opened.</summary>
internal static class Runtime
{
    /// <summary>How an application or the command line gets what is missing.</summary>
    private const string Help = "docs/gpu.md says what to install";

    /// <summary>
    /// Names the native library, or the folder that it is in, for programs that come without one, such as the command line.
    /// </summary>
    private const string PathVariable = "POCKETSAM_ONNXRUNTIME";

    private const string LibraryName = "onnxruntime";

    static Runtime()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } place)
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => Find(place, name);
    }

    /// <summary>What the native library was built with.</summary>
    /// <exception cref="OnnxSetupException">There is no native library.</exception>
    public static IReadOnlyList<string> Providers
    {
        get
        {
            try
            {
                return OrtEnv.Instance().GetAvailableProviders();
            }
            catch (Exception e) when (IsMissing(e))
            {
                throw new OnnxSetupException($"ONNX Runtime's native library is not here; {Help}", e);
            }
        }
    }

    /// <summary>Whether there is a native library.</summary>
    public static bool IsThere
    {
        get
        {
            try
            {
                return Providers.Count > 0;
            }
            catch (OnnxSetupException)
            {
                return false;
            }
        }
    }

    /// <summary>Opens a file on a device.</summary>
    /// <exception cref="OnnxSetupException">The runtime, the device or the file is missing or does not work.</exception>
    public static InferenceSession Open(string path, OnnxDevice device, int threads)
    {
        if (!File.Exists(path))
            throw new OnnxSetupException($"{path}: no such file");
        IReadOnlyList<string> providers = Providers;
        (string provider, string name) = device switch
        {
            OnnxDevice.Cuda => ("CUDAExecutionProvider", "cuda"),
            OnnxDevice.DirectMl => ("DmlExecutionProvider", "dml"),
            OnnxDevice.CoreMl => ("CoreMLExecutionProvider", "coreml"),
            _ => ("CPUExecutionProvider", "cpu"),
        };
        if (!providers.Contains(provider))
        {
            throw new OnnxSetupException(
                $"device {name}: the ONNX Runtime that is here has no {provider}, only {string.Join(", ", providers)}; {Help}");
        }

        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, IntraOpNumThreads = threads };
        try
        {
            switch (device)
            {
                case OnnxDevice.Cuda:
                    options.AppendExecutionProvider_CUDA();
                    break;
                case OnnxDevice.DirectMl:
                    options.EnableMemoryPattern = false;
                    options.AppendExecutionProvider_DML();
                    break;
                case OnnxDevice.CoreMl:
                    options.AppendExecutionProvider_CoreML();
                    break;
            }
        }
        catch (Exception e) when (e is OnnxRuntimeException || IsMissing(e))
        {
            throw new OnnxSetupException($"device {name}: {OneLine(e)}; {Help}", e);
        }

        try
        {
            return new InferenceSession(path, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new OnnxSetupException($"{path}: ONNX Runtime does not take it: {OneLine(e)}", e);
        }
    }

    /// <summary>Computes results; cancelling stops it between operations.</summary>
    public static IDisposableReadOnlyCollection<OrtValue> Run(
        InferenceSession session, string path, IReadOnlyList<string> names, IReadOnlyList<OrtValue> values, IReadOnlyList<string> outputs,
        CancellationToken cancellation)
    {
        using var options = new RunOptions();
        using CancellationTokenRegistration stop = cancellation.Register(() => options.Terminate = true);
        try
        {
            return session.Run(options, [.. names], [.. values], [.. outputs]);
        }
        catch (OnnxRuntimeException e)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new OnnxSetupException($"{path}: {OneLine(e)}", e);
        }
    }

    /// <summary>The library in the place that was named; none where another one is asked for or it is not there.</summary>
    private static nint Find(string place, string name)
    {
        if (!name.Contains(LibraryName, StringComparison.OrdinalIgnoreCase))
            return 0;
        string file = OperatingSystem.IsWindows() ? "onnxruntime.dll" : OperatingSystem.IsMacOS() ? "libonnxruntime.dylib" : "libonnxruntime.so";
        return NativeLibrary.TryLoad(Directory.Exists(place) ? Path.Combine(place, file) : place, out nint handle) ? handle : 0;
    }

    private static bool IsMissing(Exception e)
        => e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException
            || (e is TypeInitializationException { InnerException: { } inner } && IsMissing(inner));

    private static string OneLine(Exception e) => e.Message.ReplaceLineEndings(" ").Trim();
}
