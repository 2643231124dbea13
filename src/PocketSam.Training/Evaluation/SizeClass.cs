namespace PocketSam.Training.Evaluation;

/// <summary>COCO's three sizes of objects by their pixels.</summary>
internal static class SizeClass
{
    /// <summary>Their names, in order.</summary>
    public static readonly string[] Names = ["small", "medium", "large"];

    /// <summary>0 to 32 x 32, to 96 x 96, beyond.</summary>
    public static int Of(double area) => area <= 32 * 32 ? 0 : area <= 96 * 96 ? 1 : 2;
}
