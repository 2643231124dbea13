namespace PocketSam.Page.Tests;

/// <summary>All tests share one browser and one service, and run one after the other: the machine may have two cores.</summary>
[CollectionDefinition(Name)]
public sealed class PageCollection : ICollectionFixture<Chromium>, ICollectionFixture<SharedService>
{
    public const string Name = "page";
}
