namespace PocketSam.Text;

/// <summary>Default alternatives to a phrase: the eighty classes of COCO, and backgrounds.</summary>
public static class ContrastWords
{
    /// <summary>All contrast words.</summary>
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

    /// <summary>The words that are true alternatives to a phrase: neither contains the other as whole words.</summary>
    internal static IEnumerable<string> Against(IReadOnlyList<string> words, string phrase)
    {
        string padded = Padded(phrase);
        return words.Where(word => !padded.Contains(Padded(word), StringComparison.Ordinal) && !Padded(word).Contains(padded, StringComparison.Ordinal));
    }

    private static string Padded(string phrase) => $" {TextCleaning.Clean(phrase)} ";
}
