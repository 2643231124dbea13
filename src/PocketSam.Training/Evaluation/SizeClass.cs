namespace PocketSam.Training.Evaluation;

/// <summary>COCO's three size classes of objects, by area in pixels.</summary>
internal static class SizeClass
{
    /// <summary>The names of the classes, in order.</summary>
    public static readonly string[] Names = ["small", "medium", "large"];

    /// <summary>The index of the class: up to 32 x 32 pixels, up to 96 x 96, larger.</summary>
    public static int Of(double area) => area <= 32 * 32 ? 0 : area <= 96 * 96 ? 1 : 2;
}
