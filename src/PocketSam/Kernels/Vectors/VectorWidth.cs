using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using PocketSam.Kernels.Vectors;

namespace PocketSam;

/// <summary>
/// The width of the vectors that computations use. A program that is compiled ahead of time uses the width that it was
/// compiled for, even on a processor with wider vectors. A width below the processor's is reported once a process, when
/// the first model is loaded: event 1, <c>NarrowVectors</c>, of the event source <c>PocketSam</c>.
/// </summary>
public static class VectorWidth
{
    private const int Avx2Leaf = 7;
    private static int _isReported;

    /// <summary>Bits of the vectors in use: 512, 256 or 128; 32 where there are none.</summary>
    public static int Used => 32 * Simd.Width;

    /// <summary>Bits of the widest vectors of this processor that PocketSam can use.</summary>
    public static int OfProcessor { get; } = Math.Max(Used, Detect());

    /// <summary>
    /// One line of advice where the vectors in use are narrower than the processor's; otherwise null.
    /// </summary>
    public static string? Advice => Advise(Used, OfProcessor, !RuntimeFeature.IsDynamicCodeSupported);

    /// <summary>Writes the event at the first call, if there is advice.</summary>
    internal static void ReportOnce()
    {
        if (Advice is { } advice && Interlocked.Exchange(ref _isReported, 1) == 0)
            PocketSamEventSource.Log.NarrowVectors(Used, OfProcessor, advice);
    }

    /// <summary>The advice for a program that is compiled just in time or ahead of time; widths in bits.</summary>
    internal static string? Advise(int used, int ofProcessor, bool isAheadOfTime)
    {
        if (used >= ofProcessor)
            return null;
        string what = $"vectors of {used} bits are used where the processor has {ofProcessor}: ";
        return what + (isAheadOfTime
            ? $"compile for it with <IlcInstructionSet>{(ofProcessor == 512 ? "x86-64-v4" : "x86-64-v3")}</IlcInstructionSet>"
            : ofProcessor == 512 ? "set DOTNET_PreferredVectorBitWidth=512 if they are wanted"
            : "a setting of the runtime (DOTNET_Enable...) forbids more");
    }

    /// <summary>
    /// The processor's width by CPUID, whatever this program was compiled for; 0 where CPUID says nothing.
    /// </summary>
    private static int Detect()
    {
        const int SavesState = 1 << 27, Fma = 1 << 12, Avx2 = 1 << 5;
        const int Avx512 = 1 << 16 | 1 << 17 | 1 << 28 | 1 << 30 | 1 << 31; // F, DQ, CD, BW, VL
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < Avx2Leaf)
            return 0;
        int first = X86Base.CpuId(1, 0).Ecx, extended = X86Base.CpuId(Avx2Leaf, 0).Ebx;
        if ((first & (SavesState | Fma)) != (SavesState | Fma) || (extended & Avx2) == 0)
            return 128;
        return (extended & Avx512) == Avx512 ? 512 : 256;
    }
}
