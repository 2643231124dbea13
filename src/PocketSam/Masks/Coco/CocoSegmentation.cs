using System.Text.Json.Serialization;

namespace PocketSam.Masks.Coco;

/// <summary>The value of <c>segmentation</c> in a file: polygons, or a run-length encoding of either kind.</summary>
[JsonConverter(typeof(CocoSegmentationConverter))]
internal sealed class CocoSegmentation
{
    /// <summary>What is wrong with the value, when it is of none of the kinds.</summary>
    public string? Problem { get; init; }

    /// <summary>Flat lists <c>x, y, x, y ...</c> in pixels.</summary>
    public IReadOnlyList<double[]>? Polygons { get; init; }

    /// <summary>Height and width of a run-length encoding.</summary>
    public int[]? Size { get; init; }

    /// <summary>Runs as COCO's compressed string.</summary>
    public string? Compressed { get; init; }

    /// <summary>Runs as plain numbers.</summary>
    public int[]? Counts { get; init; }
}
