namespace PocketSam.Training.Words;

/// <summary>Queries words in pictures and counts right answers; the same pictures give the same queries.</summary>
internal sealed class WordMeasure(IReadOnlyList<KnownWord> words, float threshold, Func<string, int> placeOf)
{
    private const int Seed = 5;
    private readonly Random _random = new(Seed);
    private readonly Dictionary<int, List<(bool Pointed, bool Found, double Iou)>> _byWord = [];
    private int _pictures, _questions, _reachable, _absent;
    private int _shuffledPointed;
    private double _shuffledIou;

    /// <summary>Queries one picture.</summary>
    /// <param name="right">For each name in the picture the union of its masks.</param>
    /// <param name="masks">The masks that the model finds in the picture.</param>
    /// <param name="probabilities">For each mask the probabilities of all words.</param>
    public void Add(IReadOnlyDictionary<string, Rle> right, IReadOnlyList<GeneratedMask> masks, IReadOnlyList<float[]> probabilities)
    {
        var present = right.Select(r => (Place: placeOf(r.Key), r.Value)).Where(r => r.Place >= 0)
            .GroupBy(r => r.Place).OrderBy(g => g.Key).Select(g => (Place: g.Key, Right: g.Select(r => r.Value).Aggregate(Rle.Union))).ToList();
        if (present.Count == 0)
            return;
        _pictures++;
        int[] others = [.. Enumerable.Range(0, words.Count).Where(place => present.TrueForAll(p => p.Place != place))];
        _random.Shuffle(others);
        for (int i = 0; i < present.Count; i++)
        {
            (int place, Rle truth) = present[i];
            _questions++;
            (bool pointed, double iou) = Score(place, truth, masks, probabilities);
            bool found = probabilities.Any(p => p[place] >= threshold);
            if (!_byWord.TryGetValue(place, out List<(bool, bool, double)>? answers))
                _byWord.Add(place, answers = []);
            answers.Add((pointed, found, iou));
            if (masks.Any(mask => LiesOn(mask, truth)))
                _reachable++;
            if (others.Length == 0)
                continue;
            int other = others[i % others.Length];
            (bool wronglyPointed, double wrongIou) = Score(other, truth, masks, probabilities);
            _shuffledPointed += wronglyPointed ? 1 : 0;
            _shuffledIou += wrongIou;
            _absent += probabilities.All(p => p[other] < threshold) ? 1 : 0;
        }
    }

    /// <summary>The figures so far.</summary>
    public WordReport Report()
    {
        double questions = Math.Max(1, _questions);
        var all = _byWord.Values.SelectMany(answers => answers).ToList();
        double found = all.Count(a => a.Found) / questions, absent = _absent / questions;
        return new WordReport
        {
            Pictures = _pictures, Questions = _questions, Threshold = threshold,
            Pointing = all.Count(a => a.Pointed) / questions, ShuffledPointing = _shuffledPointed / questions,
            Reachable = _reachable / questions, Found = found, AbsentCalledAbsent = absent, Presence = (found + absent) / 2,
            MeanIou = all.Sum(a => a.Iou) / questions, ShuffledMeanIou = _shuffledIou / questions,
            Words = [.. words.Select((word, place) => _byWord.TryGetValue(place, out var answers)
                ? word with
                {
                    Pictures = answers.Count, Pointing = Rounded(answers.Average(a => a.Pointed ? 1.0 : 0)),
                    Found = Rounded(answers.Average(a => a.Found ? 1.0 : 0)), MeanIou = Rounded(answers.Average(a => a.Iou)),
                }
                : word with { Pictures = 0, Pointing = 0, Found = 0, MeanIou = 0 })],
        };

        static double Rounded(double share) => Math.Round(share, 3);
    }

    private (bool Pointed, double Iou) Score(int place, Rle truth, IReadOnlyList<GeneratedMask> masks, IReadOnlyList<float[]> probabilities)
    {
        if (masks.Count == 0)
            return (false, 0);
        int first = Enumerable.Range(0, masks.Count).MaxBy(i => probabilities[i][place]);
        Rle[] answers = [.. masks.Where((_, i) => probabilities[i][place] >= threshold).Select(mask => mask.Segmentation)];
        return (LiesOn(masks[first], truth), answers.Length == 0 ? 0 : Rle.Iou(answers.Aggregate(Rle.Union), truth));
    }

    private static bool LiesOn(GeneratedMask mask, Rle truth) => 2.0 * Rle.Intersect(mask.Segmentation, truth).Area > mask.Area;
}
