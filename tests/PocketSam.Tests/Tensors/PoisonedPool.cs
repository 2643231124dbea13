using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

/// <summary>
/// Fills the memory that the pool hands out next with NaN, so that whoever reads before writing is found out.
/// </summary>
internal static class PoisonedPool
{
    private const int LargestCount = 4096;
    private const int BuffersPerSize = 12;

    public static void Fill()
    {
        var buffers = new List<TensorBuffer>();
        for (int count = 256; count <= LargestCount; count += 256)
        {
            for (int i = 0; i < BuffersPerSize; i++)
            {
                TensorBuffer buffer = BufferPool.Rent(count - 16);
                buffer.Memory.AsSpan().Fill(float.NaN);
                buffers.Add(buffer);
            }
        }

        foreach (TensorBuffer buffer in buffers)
            BufferPool.Return(buffer);
    }
}
