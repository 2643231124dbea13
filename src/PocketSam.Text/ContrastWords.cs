namespace PocketSam.Text;

/// <summary>What a mask may show beside what is asked for: COCO's eighty things, and what lies behind things.</summary>
public static class ContrastWords
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light", "fire hydrant", "stop sign",
        "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack",
        "umbrella", "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove",
        "skateboard", "surfboard", "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
        "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant", "bed",
        "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone", "microwave", "oven", "toaster", "sink",
        "refrigerator", "book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
        "background", "texture", "wall", "sky", "grass",
    ];

    /// <summary>Those that say something else than a phrase: no word of theirs is all of the phrase, and they are no word in it.</summary>
    internal static IEnumerable<string> Against(IReadOnlyList<string> words, string phrase)
    {
        string asked = Padded(phrase);
        return words.Where(word => !asked.Contains(Padded(word), StringComparison.Ordinal) && !Padded(word).Contains(asked, StringComparison.Ordinal));
    }

    private static string Padded(string phrase) => $" {TextCleaning.Clean(phrase)} ";
}
