using System.Diagnostics;
using PocketSam.Kernels;

unsafe
{
    var shapes = new (int M, int N, int K)[] { (65536, 256, 64), (65536, 64, 256), (16384, 384, 128), (16384, 512, 128), (16384, 128, 512), (4096, 640, 160), (4096,160,640), (4096, 1280, 320), (4096, 320, 1280), (4096,256,2304),(512,512,512) };
    foreach (int threads in new[] { 1, 2 })
    {
        Workers.Count = threads;
        foreach (var (m, n, k) in shapes)
        {
            float[] a = GC.AllocateArray<float>(m * k + 16, true), b = GC.AllocateArray<float>(n * k + 16, true), c = GC.AllocateArray<float>(m * n + 16, true);
            new Random(1).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(b.AsSpan(0, 8)));
            fixed (float* pa = a, pb = b, pc = c)
            {
                var A = Scratch.AlignUp(pa); var C = Scratch.AlignUp(pc);
                var packed = PackedMatrix.From(pb, n, 1, k, n);
                var g = new Gemm(A, k, packed, C, n, m);
                g.Run();
                var ts = new List<double>();
                for (int i = 0; i < 9; i++) { long t = Stopwatch.GetTimestamp(); g.Run(); ts.Add(Stopwatch.GetElapsedTime(t).TotalSeconds); }
                ts.Sort();
                Console.Write($"{threads}T {m}x{n}x{k}: {2.0 * m * n * k / ts[4] / 1e9:F0} max {2.0 * m * n * k / ts[0] / 1e9:F0}");
                // dW shape: [n x k] = dy^T x
                var gw = new Gemm(C, 1, n, A, k, 1, pb, k, n, k, m);
                gw.Run(); ts.Clear();
                for (int i = 0; i < 9; i++) { long t = Stopwatch.GetTimestamp(); gw.Run(); ts.Add(Stopwatch.GetElapsedTime(t).TotalSeconds); }
                ts.Sort();
                Console.WriteLine($"   dW {2.0 * m * n * k / ts[4] / 1e9:F0}");
            }
        }
    }
}
