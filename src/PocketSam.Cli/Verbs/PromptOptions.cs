using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace PocketSam.Cli.Verbs;

/// <summary>
/// Options for points, boxes and masks of any number of objects. They belong to the same object until <c>--object</c>
/// starts the next one, so their order on the command line matters.
/// </summary>
internal sealed class PromptOptions
{
    private readonly Option<string[]> _points = new("--point")
    {
        Description = "A point on the object, or with 0 off it", HelpName = "X,Y[,0|1]",
    };

    private readonly Option<string[]> _boxes = new("--box")
    {
        Description = "A box around the object", HelpName = "X0,Y0,X1,Y1",
    };

    private readonly Option<string[]> _masks = new("--mask")
    {
        Description = "A mask to start from: a PNG of the picture's size, black or transparent outside, or logits of --logits",
        HelpName = "PNG|FILE.safetensors",
    };

    private readonly Option<bool> _next = new("--object")
    {
        Description = "Start the next object", Arity = ArgumentArity.Zero,
    };

    public PromptOptions()
    {
        Check(_points, text => TryReadPoint(text, out _));
        Check(_boxes, text => TryReadBox(text, out _));
    }

    /// <summary>All options, for a verb to accept.</summary>
    public IReadOnlyList<Symbol> Symbols => [_points, _boxes, _masks, _next];

    /// <summary>Whether any of the options is given.</summary>
    public bool Any(ParseResult arguments)
        => arguments.GetResult(_points) is not null || arguments.GetResult(_boxes) is not null || arguments.GetResult(_masks) is not null
            || arguments.GetValue(_next);

    /// <summary>Reads the prompt of each object, in order.</summary>
    /// <exception cref="PromptException">There is no object, or an object has too little for a prompt.</exception>
    /// <exception cref="UsageException">An object has two boxes or two masks.</exception>
    public IReadOnlyList<ObjectRequest> Read(ParseResult arguments)
    {
        List<ObjectRequest> objects = [new()];
        IReadOnlyList<Token> tokens = arguments.Tokens;
        for (int i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Type != TokenType.Option)
                continue;
            ObjectRequest current = objects[^1];
            string option = tokens[i].Value;
            if (option == _next.Name && !current.IsEmpty)
                objects.Add(new ObjectRequest());
            else if (option == _points.Name && TryReadPoint(tokens[i + 1].Value, out PromptPoint point))
                current.Points.Add(point);
            else if (option == _boxes.Name && TryReadBox(tokens[i + 1].Value, out PromptBox box))
                current.Box = current.Box is null ? box : throw Twice(option, objects.Count);
            else if (option == _masks.Name)
                current.MaskPath = current.MaskPath is null ? tokens[i + 1].Value : throw Twice(option, objects.Count);
        }

        if (objects is [{ IsEmpty: true }])
            throw new PromptException("nothing to look for: give --point X,Y or --box X0,Y0,X1,Y1 or --mask PNG or --text WORDS");
        for (int i = 0; i < objects.Count; i++)
        {
            if (!objects[i].IsComplete)
                throw new PromptException($"object {i + 1} has neither a point nor a box nor a mask as PNG");
        }

        return objects;
    }

    private static UsageException Twice(string option, int number)
        => new($"object {number} has two of {option}: --object starts the next one");

    private static void Check(Option<string[]> option, Func<string, bool> isValid)
        => option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens.Where(token => !isValid(token.Value)))
                result.AddError($"{option.Name} {token.Value}: expected {option.HelpName}");
        });

    private static bool TryReadPoint(string text, out PromptPoint point)
    {
        string[] parts = text.Split(',');
        bool hasLabel = parts.Length == 3;
        bool valid = TryReadNumbers(hasLabel ? parts[..2] : parts, 2, out double[] xy)
            && (!hasLabel || parts[2] is "0" or "1");
        point = valid ? new PromptPoint(xy[0], xy[1], !hasLabel || parts[2] == "1") : default;
        return valid;
    }

    private static bool TryReadBox(string text, out PromptBox box)
    {
        bool valid = TryReadNumbers(text.Split(','), 4, out double[] edges);
        box = valid ? new PromptBox(edges[0], edges[1], edges[2], edges[3]) : default;
        return valid;
    }

    private static bool TryReadNumbers(string[] texts, int count, out double[] numbers)
    {
        double[] read = numbers = new double[count];
        return texts.Length == count && texts.Select((text, i) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out read[i])).All(valid => valid);
    }
}
