namespace PocketSam.Packages.Tests;

/// <summary>Tests that share the packages, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class FeedCollection : ICollectionFixture<Feed>
{
    public const string Name = "packages";
}
