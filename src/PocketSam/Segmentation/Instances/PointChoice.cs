namespace PocketSam;

/// <summary>Which of several masks that fit the points to select.</summary>
public enum PointChoice
{
    /// <summary>The one with the highest confidence.</summary>
    Confident,

    /// <summary>The one with the fewest pixels.</summary>
    Smallest,
}
