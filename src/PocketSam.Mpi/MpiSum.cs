using System.Buffers;

namespace PocketSam.Mpi;

/// <summary>A sum over all processes that proceeds while they compute. Used by the thread that begins it.</summary>
/// <remarks>
/// Open MPI moves data during calls of its functions: the sum proceeds in <see cref="Advance"/> and in every other
/// call.
/// </remarks>
public sealed class MpiSum
{
    private readonly MpiWorld _world;
    private MemoryHandle _pinned;
    private nint _request;
    private bool _isComplete;

    internal MpiSum(MpiWorld world, MemoryHandle pinned, nint request) => (_world, _pinned, _request) = (world, pinned, request);

    /// <summary>Advances the sum without waiting for other processes.</summary>
    /// <returns>Whether the sum is complete, and the values are the sums.</returns>
    /// <exception cref="IOException">Open MPI returns an error; by default it ends the processes instead.</exception>
    public bool Advance()
    {
        if (!_isComplete && _world.Test(ref _request))
            End();
        return _isComplete;
    }

    /// <summary>Waits until the sum is complete.</summary>
    /// <exception cref="IOException">Open MPI returns an error; by default it ends the processes instead.</exception>
    public void Complete()
    {
        if (_isComplete)
            return;
        _world.Wait(ref _request);
        End();
    }

    private void End()
    {
        _isComplete = true;
        _pinned.Dispose();
    }
}
