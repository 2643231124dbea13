namespace PocketSam;

/// <summary>What tests need that a full run installs or sets by itself.</summary>
internal static class Requirement
{
    /// <summary>
    /// Skips the test where it is missing, but fails where the environment says <c>CI=true</c>: a check that was meant to
    /// run and did not is no success.
    /// </summary>
    internal static void SkipWhenMissing(bool missing, string reason)
    {
        if (missing && Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(reason);
        Assert.SkipWhen(missing, reason);
    }
}
