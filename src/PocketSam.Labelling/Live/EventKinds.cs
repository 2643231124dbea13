namespace PocketSam.Labelling.Live;

/// <summary>The kinds of events.</summary>
internal static class EventKinds
{
    public const string Picture = "picture", Presence = "presence", Classes = "classes", Pictures = "pictures", Job = "job";
}
