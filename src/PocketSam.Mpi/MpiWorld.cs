using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;

namespace PocketSam.Mpi;

/// <summary>
/// The processes that an <c>mpirun</c> has started, over the system's Open MPI (<c>libmpi.so.40</c>, Debian's
/// openmpi-bin; tested with version 4.1). Used by the thread that makes it.
/// </summary>
/// <remarks>
/// Open MPI's handles are addresses of objects that the library exports, and are looked up by name. Other MPI
/// implementations, whose handles are numbers, are not supported.
/// </remarks>
public sealed unsafe class MpiWorld : IDisposable
{
    private const string MpirunVariable = "OMPI_COMM_WORLD_SIZE", SrunVariable = "SLURM_STEP_NUM_TASKS";
    private const string PmixVariable = "PMIX_RANK";
    private const int Success = 0;

    /// <summary><c>MPI_IN_PLACE</c> of Open MPI's mpi.h: the output buffer is also the input.</summary>
    private const nint InPlace = 1;

    private readonly nint _world, _floats, _doubles, _sum;
    private readonly delegate* unmanaged[Cdecl]<void*, void*, int, nint, nint, nint, int> _allReduce;
    private readonly delegate* unmanaged[Cdecl]<void*, void*, int, nint, nint, nint, nint*, int> _beginAllReduce;
    private readonly delegate* unmanaged[Cdecl]<nint*, int*, void*, int> _test;
    private readonly delegate* unmanaged[Cdecl]<nint*, void*, int> _wait;

    /// <summary>
    /// A communicator of the same processes for sums in the background, so that other calls do not match with them.
    /// </summary>
    private readonly nint _background;
    private bool _isFinalized;

    private MpiWorld()
    {
        if (!NativeLibrary.TryLoad("libmpi.so.40", out nint library) && !NativeLibrary.TryLoad("libmpi.so", out library))
            throw new IOException("libmpi.so.40 cannot be loaded: Open MPI is needed (Debian: openmpi-bin)");
        _world = Export(library, "ompi_mpi_comm_world");
        _floats = Export(library, "ompi_mpi_float");
        _doubles = Export(library, "ompi_mpi_double");
        _sum = Export(library, "ompi_mpi_op_sum");
        _allReduce = (delegate* unmanaged[Cdecl]<void*, void*, int, nint, nint, nint, int>)Export(library, "MPI_Allreduce");
        _beginAllReduce = (delegate* unmanaged[Cdecl]<void*, void*, int, nint, nint, nint, nint*, int>)Export(library, "MPI_Iallreduce");
        _test = (delegate* unmanaged[Cdecl]<nint*, int*, void*, int>)Export(library, "MPI_Test");
        _wait = (delegate* unmanaged[Cdecl]<nint*, void*, int>)Export(library, "MPI_Wait");
        ChooseAlgorithm(library);
        Check(((delegate* unmanaged[Cdecl]<void*, void*, int>)Export(library, "MPI_Init"))(null, null), "MPI_Init");
        int rank = 0, count = 0;
        Check(((delegate* unmanaged[Cdecl]<nint, int*, int>)Export(library, "MPI_Comm_rank"))(_world, &rank), "MPI_Comm_rank");
        Check(((delegate* unmanaged[Cdecl]<nint, int*, int>)Export(library, "MPI_Comm_size"))(_world, &count), "MPI_Comm_size");
        nint background = 0;
        Check(((delegate* unmanaged[Cdecl]<nint, nint*, int>)Export(library, "MPI_Comm_dup"))(_world, &background), "MPI_Comm_dup");
        (Rank, Count, Library, _background) = (rank, count, library, background);
    }

    /// <summary>Whether <c>mpirun</c> or <c>srun</c> started this process as one of several.</summary>
    public static bool IsOneOfSeveral => Started > 1;

    /// <summary>The index of this process, from 0.</summary>
    public int Rank { get; }

    /// <summary>The number of processes.</summary>
    public int Count { get; }

    private nint Library { get; }

    /// <summary>The number of processes that were started together, by the variables of mpirun or else of srun.</summary>
    private static int Started
        => int.TryParse(
            Environment.GetEnvironmentVariable(MpirunVariable) ?? Environment.GetEnvironmentVariable(SrunVariable),
            CultureInfo.InvariantCulture, out int count) ? count : 1;

    /// <summary>Joins the other processes. Call it once in a process.</summary>
    /// <exception cref="IOException">
    /// Open MPI is missing or returns an error, or <c>srun</c> started several processes without connecting them.
    /// </exception>
    public static MpiWorld Join()
    {
        // Open MPI would end the process with many lines.
        if (IsOneOfSeveral && Environment.GetEnvironmentVariable(MpirunVariable) is null && Environment.GetEnvironmentVariable(PmixVariable) is null)
        {
            throw new IOException(string.Create(
                CultureInfo.InvariantCulture,
                $"srun started {Started} processes that do not know of each other: say 'srun --mpi=pmix', or start them by mpirun"));
        }

        return new MpiWorld();
    }

    /// <summary>Sums values over all processes, in place (<c>MPI_Allreduce</c>).</summary>
    /// <param name="values">The same number of values in all processes.</param>
    /// <exception cref="IOException">Open MPI returns an error; by default it ends the processes instead.</exception>
    public void Sum(Span<float> values)
    {
        fixed (float* data = values)
            Sum(data, values.Length, _floats);
    }

    /// <summary>Sums values over all processes, in place (<c>MPI_Allreduce</c>).</summary>
    /// <param name="values">The same number of values in all processes.</param>
    /// <exception cref="IOException">Open MPI returns an error; by default it ends the processes instead.</exception>
    public void Sum(Span<double> values)
    {
        fixed (double* data = values)
            Sum(data, values.Length, _doubles);
    }

    /// <summary>
    /// Begins to sum values over all processes, in place (<c>MPI_Iallreduce</c>). All processes begin such sums in the
    /// same order; <see cref="Sum(Span{double})"/> may be called between them anywhere.
    /// </summary>
    /// <param name="values">The same number of values in all processes, at least one; they must not be used until the
    /// sum is complete.</param>
    /// <exception cref="IOException">Open MPI returns an error; by default it ends the processes instead.</exception>
    public MpiSum BeginSum(Memory<float> values)
    {
        MemoryHandle pinned = values.Pin();
        nint request = 0;
        Check(
            _beginAllReduce((void*)InPlace, pinned.Pointer, values.Length, _floats, _sum, _background, &request), "MPI_Iallreduce");
        return new MpiSum(this, pinned, request);
    }

    /// <summary>Ends all processes immediately (<c>MPI_Abort</c>).</summary>
    /// <param name="exitCode">The exit code of <c>mpirun</c>.</param>
    public void Abort(int exitCode) => ((delegate* unmanaged[Cdecl]<nint, int, int>)Export(Library, "MPI_Abort"))(_world, exitCode);

    /// <summary>
    /// Ends the use of MPI, after waiting for the other processes to do the same (<c>MPI_Finalize</c>).
    /// </summary>
    public void Dispose()
    {
        if (_isFinalized)
            return;
        _isFinalized = true;
        ((delegate* unmanaged[Cdecl]<int>)Export(Library, "MPI_Finalize"))();
    }

    /// <summary>Advances a sum in the background (<c>MPI_Test</c>).</summary>
    /// <returns>Whether it is complete.</returns>
    internal bool Test(ref nint request)
    {
        int isComplete = 0;
        fixed (nint* one = &request)
            Check(_test(one, &isComplete, null), "MPI_Test");
        return isComplete != 0;
    }

    /// <summary>Waits for a sum in the background (<c>MPI_Wait</c>).</summary>
    internal void Wait(ref nint request)
    {
        fixed (nint* one = &request)
            Check(_wait(one, null), "MPI_Wait");
    }

    /// <summary>
    /// Chooses the algorithm of sums in the background. If the output buffer is also the input, Open MPI 4.1 uses a tree,
    /// whose root receives and sends all values. In Rabenseifner's algorithm each process sums a part and sends it to the
    /// others, which is up to twice as fast. A choice of the user (<c>--mca coll_libnbc_iallreduce_algorithm</c>) is kept.
    /// </summary>
    private static void ChooseAlgorithm(nint library)
    {
        // setenv of the C library, through libmpi: variables set by .NET do not reach native code.
        if (!NativeLibrary.TryGetExport(library, "setenv", out nint address))
            return;
        fixed (byte* name = "OMPI_MCA_coll_libnbc_iallreduce_algorithm"u8, value = "3"u8)
            _ = ((delegate* unmanaged[Cdecl]<byte*, byte*, int, int>)address)(name, value, 0);
    }

    private static nint Export(nint library, string name) => NativeLibrary.TryGetExport(library, name, out nint address) ? address
        : throw new IOException($"libmpi has no {name}: it is no Open MPI");

    private static void Check(int error, string call)
    {
        if (error != Success)
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{call} failed with error {error}"));
    }

    private void Sum(void* data, int count, nint type)
    {
        if (count > 0)
            Check(_allReduce((void*)InPlace, data, count, type, _sum, _world), "MPI_Allreduce");
    }
}
