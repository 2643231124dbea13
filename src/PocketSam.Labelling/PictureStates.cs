namespace PocketSam.Labelling;

/// <summary>Words that stand in the file and in requests.</summary>
internal static class PictureStates
{
    public const string Todo = "todo";

    public const string Done = "done";

    public const string Checked = "checked";

    public const string Rejected = "rejected";

    /// <summary>The file lies where it lay and is what it was.</summary>
    public const string Here = "here";

    /// <summary>The file is another picture than the one that was labelled.</summary>
    public const string Changed = "changed";

    /// <summary>There is no such file.</summary>
    public const string Missing = "missing";

    /// <summary>All states of the review.</summary>
    public static readonly string[] All = [Todo, Done, Checked, Rejected];

    /// <summary>All ways that a mask is made.</summary>
    public static readonly string[] Made
        = ["click", "box", "brush", "polygon", "proposal", "import", "copy", "edit", "similar"];
}
