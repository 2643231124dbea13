using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Microsoft.ML.OnnxRuntime;

namespace PocketSam.OnnxRuntime.Running;

/// <summary>Opens and runs sessions, and turns the runtime's errors into one-line messages.</summary>
internal static class Runtime
{
    /// <summary>Tells users where installation is described.</summary>
    private const string Help = "docs/gpu.md says what to install";

    /// <summary>
    /// Environment variable with the path of the native library or of its folder, for programs that ship without one,
    /// such as the command line.
    /// </summary>
    private const string PathVariable = "POCKETSAM_ONNXRUNTIME";

    private const string LibraryName = "onnxruntime";

    static Runtime()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } place)
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => Find(place, name);
    }

    /// <summary>The execution providers that the native library was built with.</summary>
    /// <exception cref="OnnxSetupException">The native library cannot be loaded.</exception>
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

    /// <summary>Whether the native library can be loaded.</summary>
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

    /// <summary>Opens a file on a device. 0 threads means all cores.</summary>
    /// <exception cref="OnnxSetupException">
    /// The runtime, the device or the file is missing, or the runtime rejects it.
    /// </exception>
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

    /// <summary>
    /// Runs a session and returns the requested outputs. Cancellation takes effect between operators.
    /// </summary>
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

    /// <summary>Loads ONNX Runtime from the configured path; 0 for other libraries and if it is not there.</summary>
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
