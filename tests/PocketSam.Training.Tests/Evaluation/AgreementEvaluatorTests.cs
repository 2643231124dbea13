using System.Text;
using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Training.Evaluation;
using PocketSam.Training.Tests.Data;

namespace PocketSam.Training.Tests.Evaluation;

public sealed class AgreementEvaluatorTests : IDisposable
{
    private const int Width = 90;
    private const int Height = 70;

    private static readonly Sam Student = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 3), "student");
    private static readonly Sam Teacher = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 4), "teacher");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_agrees_with_itself()
    {
        AgreementReport report = Compare(Student, Student, Options());

        Assert.Equal(AgreementProtocol.All.Select(p => p.Name), report.Protocols.Keys);
        Assert.Equal(("student", "student", 2, 3), (report.Model, report.Teacher, report.Images, report.Masks));
        foreach ((string name, AgreementResult result) in report.Protocols)
        {
            // 100 of 1024 pixels are 9 of this picture: all pixels so near to the click are the object's.
            int masks = name == "2-points-100" ? 0 : 3;
            double? same = masks > 0 ? 1 : null;
            Assert.Equal(new AgreementResult(same, name == "1-click" ? same : null, masks, 3 - masks), result);
        }
    }

    [Fact]
    public void Masks_for_the_same_prompts_are_compared()
    {
        CocoDataset data = Dataset();
        IouAccumulator box = new(), click = new(), ranked = new();
        foreach (CocoImage image in data.Images.Take(2))
        {
            using ImageEmbedding student = Student.Encode(Picture(), 64), teacher = Teacher.Encode(Picture(), 128);
            foreach (BinaryMask truth in image.DecodeMasks(100))
            {
                Prompt around = Prompt.Box(truth.Bounds);
                Click first = ClickSimulator.First(truth)!.Value;
                Prompt on = Prompt.Point(first.X, first.Y);
                box.Add(Iou(around, false));
                click.Add(Iou(on, false));
                ranked.Add(Iou(on, true));

                double Iou(Prompt prompt, bool multimask)
                    => Student.Predict(student, prompt, multimask).Best.Bits.Iou(
                        Teacher.Predict(teacher, prompt, multimask).Best.Bits);
            }
        }

        AgreementReport report = Compare(Student, Teacher, Options("1-click,box") with { TeacherImageSize = 128 });

        Assert.Equal(["1-click", "box"], report.Protocols.Keys);
        Assert.Equal(new AgreementResult(box.ToResult().MeanIou, null, 3, 0), report.Protocols["box"]);
        Assert.Equal(
            new AgreementResult(click.ToResult().MeanIou, ranked.ToResult().MeanIou, 3, 0), report.Protocols["1-click"]);
        Assert.InRange(report.Protocols["box"].MeanIou!.Value, 0, 0.999);
    }

    [Fact]
    public void Objects_without_a_pixel_at_the_distance_are_left_out_and_counted()
    {
        AgreementReport report = Compare(Student, Teacher, Options("2-points-200,2-points-1400"));

        Assert.Equal((3, 0), (report.Protocols["2-points-200"].Masks, report.Protocols["2-points-200"].LeftOut));
        Assert.Equal(new AgreementResult(null, null, 0, 3), report.Protocols["2-points-1400"]);
    }

    [Fact]
    public void Background_points_depend_on_seed_and_object_alone()
    {
        AgreementReport all = Compare(Student, Teacher, Options("2-points-300"));
        Assert.Equal(all.Protocols, Compare(Student, Teacher, Options("box,2-points-300")).Protocols.Skip(1));

        double first = Compare(Student, Teacher, Options("2-points-300") with { MaxMasks = 1 }).Protocols["2-points-300"].MeanIou!.Value;
        double[] seeds =
        [
            .. Enumerable.Range(1, 5).Select(seed => Compare(
                Student, Teacher, Options("2-points-300") with { MaxMasks = 1, Seed = (ulong)seed })
                .Protocols["2-points-300"].MeanIou!.Value),
        ];
        Assert.Contains(seeds, iou => iou != first);
    }

    [Fact]
    public void Small_and_surplus_masks_are_passed_over()
    {
        Assert.Equal(4, Compare(Student, Teacher, Options("box") with { MinArea = 1 }).Masks);
        AgreementReport first = Compare(Student, Teacher, Options("box") with { MaxMasks = 1 });
        Assert.Equal((1, 1), (first.Images, first.Masks));

        var e = Assert.Throws<DataFormatException>(
            () => Compare(Student, Teacher, Options("box") with { MinArea = Width * Height }));
        Assert.Equal($"{_folder["data.json"]}: no mask of at least 6300 pixels to measure", e.Message);
    }

    [Fact]
    public void Number_of_threads_does_not_matter()
    {
        AgreementReport one, three;
        using (Workers.Limit(1))
            one = Compare(Student, Teacher, Options());
        using (Workers.Limit(3))
            three = Compare(Student, Teacher, Options());
        Assert.Equal(one.Protocols, three.Protocols);
    }

    [Fact]
    public void Cancelling_is_heard()
    {
        var evaluator = new AgreementEvaluator(Student, Teacher, _ => Picture(), Options());
        Assert.Throws<OperationCanceledException>(
            () => evaluator.Run(Dataset(), progress: null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        CocoDataset data = Dataset();
        File.Delete(_folder["b.png"]);
        var e = Assert.Throws<DataFormatException>(
            () => new AgreementEvaluator(Student, Teacher, _ => Picture(), Options("box")).Run(data));
        Assert.Equal($"{_folder["b.png"]}: the picture of image 2 is missing", e.Message);

        Refused(Options() with { Protocols = [] });
        Refused(Options() with { Protocols = [AgreementProtocol.Box, AgreementProtocol.Box] });
        Refused(Options() with { MinArea = 0 });
        Refused(Options() with { MaxMasks = 0 });
        Refused(Options() with { ImageSize = 100 });
        Refused(Options() with { TeacherImageSize = 100 });

        static void Refused(AgreementOptions options)
            => Assert.ThrowsAny<ArgumentException>(() => new AgreementEvaluator(Student, Teacher, _ => Picture(), options));
    }

    [Fact]
    public void The_JSON_has_the_keys_of_the_table()
    {
        var report = new AgreementReport("student", "teacher", "val.json", 60, 200, new Dictionary<string, AgreementResult>
        {
            ["1-click"] = new(0.5, 0.625, 200, 0),
            ["2-points-500"] = new(null, null, 0, 200),
        });
        using var stream = new MemoryStream();
        report.WriteJson(stream);
        Assert.Equal(
            """
            {
              "model": "student",
              "teacher": "teacher",
              "data": "val.json",
              "images": 60,
              "masks": 200,
              "protocols": {
                "1-click": {
                  "mean_iou": 0.5,
                  "first_ranked_mean_iou": 0.625,
                  "masks": 200,
                  "left_out": 0
                },
                "2-points-500": {
                  "masks": 0,
                  "left_out": 200
                }
              }
            }
            """,
            Encoding.UTF8.GetString(stream.ToArray()));
    }

    private AgreementReport Compare(Sam student, Sam teacher, AgreementOptions options)
        => new AgreementEvaluator(student, teacher, _ => Picture(), options).Run(Dataset());

    private static AgreementOptions Options(string? protocols = null) => new()
    {
        Protocols = protocols is null ? AgreementProtocol.All : AgreementProtocol.ParseList(protocols),
        MinArea = 100,
        ImageSize = 64,
        TeacherImageSize = 64,
    };

    private static RgbImage Picture()
    {
        var picture = new RgbImage(Width, Height);
        new Random(7).NextBytes(picture.Pixels);
        return picture;
    }

    /// <summary>Three pictures: two large masks; a large and a small mask; nothing.</summary>
    private CocoDataset Dataset()
    {
        CocoWriter.Write(_folder["data.json"],
        [
            new AnnotatedPicture("a.png", Width, Height, [new(Rectangle(5, 5, 30, 40)), new(Rectangle(40, 10, 30, 20))]),
            new AnnotatedPicture("b.png", Width, Height, [new(Rectangle(20, 20, 30, 45)), new(Rectangle(3, 3, 5, 5))]),
            new AnnotatedPicture("c.png", Width, Height, []),
        ]);
        foreach (string name in (string[])["a.png", "b.png", "c.png"])
            _folder.Write(name, "read by nobody");
        return CocoDataset.Load(_folder["data.json"]);
    }

    private static BinaryMask Rectangle(int x, int y, int width, int height)
    {
        var mask = new BinaryMask(Width, Height);
        mask.Fill(new PixelBox(x, y, width, height));
        return mask;
    }
}
