using System.Buffers;

namespace PocketSam.Mpi;

/// <summary>A sum over all processes that goes on while each computes; for the thread that began it.</summary>
/// <remarks>Open MPI moves its data in calls: a sum goes on in <see cref="Advance"/> and in every other call of the library.</remarks>
public sealed class MpiSum
{
    private readonly MpiWorld _world;
    private MemoryHandle _pinned;
    private nint _request;
    private bool _isComplete;

    internal MpiSum(MpiWorld world, MemoryHandle pinned, nint request) => (_world, _pinned, _request) = (world, pinned, request);

    /// <summary>Lets the sum go on without waiting for others.</summary>
    /// <returns>Whether it is complete: the values are the sums.</returns>
    /// <exception cref="IOException">It failed; by default Open MPI ends the processes instead.</exception>
    public bool Advance()
    {
        if (!_isComplete && _world.Test(ref _request))
            End();
        return _isComplete;
    }

    /// <summary>Waits until the values are the sums.</summary>
    /// <exception cref="IOException">It failed; by default Open MPI ends the processes instead.</exception>
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
