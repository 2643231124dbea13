namespace PocketSam;

/// <summary>Which of several masks that fit the points is meant.</summary>
public enum PointChoice
{
    /// <summary>The one of the highest confidence.</summary>
    Confident,

    /// <summary>The one of the fewest pixels.</summary>
    Smallest,
}
