namespace PocketSam.Labelling.Live;

/// <summary>What events are about.</summary>
internal static class EventKinds
{
    public const string Picture = "picture", Presence = "presence", Classes = "classes", Pictures = "pictures", Job = "job";
}
