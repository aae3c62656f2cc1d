// What always holds on a loop, broken one thing at a time: each fault is found and named.

#include "tests/serve/bench.h"
#include "tests/serve/planted_fault.h"

namespace netchat::serve::testing {
namespace {

// ---- a tail

constexpr size_t kV2 = indexOf(Dialect::V2);
constexpr size_t kClassic = indexOf(Dialect::Classic);

// Two entries of ten bytes in v2; a file is the second.
std::shared_ptr<Publication> entries(uint64_t first) {
    auto publication = std::make_shared<Publication>();
    for (uint32_t i = 0; i < 2; ++i) {
        Item item{first + i, 1, {}};
        item.end[kV2] = 10 * (i + 1);
        publication->items.push_back(item);
    }
    publication->runs[kV2] = {std::make_shared<Segment>(20), 0, 20};
    publication->files.push_back({1, 0, {}, {}, {}, 5});
    publication->lastSeq = first + 1;
    return publication;
}

class Reader : public Subscriber {};

struct TailWorld {
    TailWorld() {
        tail.add(entries(1));
        tail.add(entries(3));
        tail.subscribe(kV2, 10, reader);
        tail.subscribe(kV2, kCatchingUp, late);
    }
    std::string check() const { return tail.checkInvariants(); }
    Publication& publication(size_t part) { return Plant::publication(tail, part); }
    Tail tail{1, "hall", 0};
    Reader reader, late;
};

TEST(TailInvariants, EachFaultIsFound) {
    test::expectFound<TailWorld>({
        {"a part does not lead to the next in hall",
         [](TailWorld& w) { Plant::parts(w.tail)[1].start[kV2] = 19; }},
        {"a part does not lead to the next in hall",
         [](TailWorld& w) { Plant::parts(w.tail).pop_back(); }},
        {"items do not ascend in hall",
         [](TailWorld& w) { w.publication(0).items[0].end[kV2] = 21; }},
        {"items do not end where their part does in hall",
         [](TailWorld& w) { w.publication(1).items[1].end[kV2] = 19; }},
        {"a file belongs to no item in hall",
         [](TailWorld& w) { w.publication(0).files[0].item = 2; }},
        {"entries do not ascend in hall", [](TailWorld& w) { w.publication(1).items[0].seq = 2; }},
        {"an entry is beyond the last one of hall",
         [](TailWorld& w) { Plant::lastSeq(w.tail) = 3; }},
        {"parts with files are miscounted in hall",
         [](TailWorld& w) { Plant::partsWithFiles(w.tail) = 1; }},
        {"a subscription in hall is nobody's",
         [](TailWorld& w) { w.tail.subscriptions(kV2)[0].subscriber = nullptr; }},
        {"a subscription in hall is past the end",
         [](TailWorld& w) { w.tail.subscriptions(kV2)[0].at = 41; }},
        {"a subscription in hall is past the end",
         [](TailWorld& w) { w.tail.subscribe(kClassic, 1, w.late); }},
        {"a subscription in hall is before the start",
         [](TailWorld& w) {
             w.tail.dropBefore({0, 20});
         }},
    });
}

TEST(TailInvariants, NotesOfPresenceHaveNoPlaceInTheOrder) {
    TailWorld world;
    world.publication(1).items[0].seq = 0;
    EXPECT_EQ(world.check(), "");
}

// ---- uploads

class Listener : public UploadOwner {
  public:
    void uploadAccepted(const Upload&) override {}
    void uploadDone(const Upload&, const std::string&) override {}
    void uploadFailed(const Upload&, const Error&) override {}
};

// One that is half there, and one that the store verifies.
struct UploadsWorld {
    UploadsWorld() {
        files.held = true;
        half = begin(30);
        uploads.add(*uploads.find(half), "12345");
        whole = begin(5);
        uploads.add(*uploads.find(whole), "12345");
    }
    uint64_t begin(uint64_t size) {
        Upload upload;
        upload.size = size;
        const uint64_t number = uploads.begin(upload).number;
        uploads.answered({StoreAnswer::Kind::Begun, number, std::string(), 0});
        return number;
    }
    std::string check() const { return uploads.checkInvariants(); }
    Upload& upload(uint64_t number) { return *uploads.find(number); }

    FakeFiles files;
    Listener listener;
    Uploads uploads{files, listener, [](StoreAnswer) {}, 10};
    uint64_t half = 0, whole = 0;
};

TEST(UploadsInvariants, EachFaultIsFound) {
    using World = UploadsWorld;
    test::expectFound<World>({
        {"upload 1: it is kept under another number",
         [](World& w) { w.upload(w.half).number = 7; }},
        {"upload 2: its number was not given yet",
         [](World& w) { Plant::lastNumber(w.uploads) = 1; }},
        {"upload 1: more was received than announced", [](World& w) { w.upload(w.half).size = 4; }},
        {"upload 1: more waits for the disk than was received",
         [](World& w) { w.upload(w.half).unwritten = 1; }},
        {"upload 1: a whole write waits in its buffer",
         [](World& w) {
             w.upload(w.half).received = 10;
             w.upload(w.half).buffer = "1234567890";
         }},
        {"upload 1: it is whole, and still receiving",
         [](World& w) { w.upload(w.half).received = 30; }},
        {"upload 2: it finishes before it is whole", [](World& w) { w.upload(w.whole).size = 6; }},
        {"upload 2: it finishes before all is with the store",
         [](World& w) {
             w.upload(w.whole).unwritten = 4;
             w.upload(w.whole).buffer = "5";
         }},
        {"upload 2: another has its number in the store",
         [](World& w) { w.upload(w.whole).storeId = w.upload(w.half).storeId; }},
    });
}

// ---- a session

// One that has just come, one in a room, and a classic one.
struct SessionWorld {
    SessionWorld()
        : young(*bench.connect().session),
          alice(*bench.v2User("alice", {"hall"}).session),
          old(*bench.classicUser("old").session) {}
    std::string check() {
        for (Session* session : {&young, &alice, &old}) {
            if (auto fault = session->checkInvariants(); !fault.empty()) return fault;
        }
        return {};
    }
    Bench bench;
    Session &young, &alice, &old;
};

TEST(SessionInvariants, EachFaultIsFound) {
    using World = SessionWorld;
    using State = Session::State;
    const auto inState = [](State state) {
        return [state](World& w) { Plant::state(w.alice) = state; };
    };
    const auto ended = [](State state, auto plant) {
        return [state, plant](World& w) {
            Plant::state(w.young) = state;
            plant(w.young);
        };
    };
    test::expectFound<World>({
        {"it is lost, and its peer has not ended", [](World& w) { Plant::lose(w.alice); }},
        {"it is silent for too long", [](World& w) { Plant::silence(w.alice); }},
        {"it has a dialogue before its dialect is known",
         [](World& w) { Plant::beginDialogue(w.young, Guess::V2); }},
        {"it is a user before its dialect is known", [](World& w) { Plant::user(w.young) = 3; }},
        {"it is sent something before its dialect is known",
         [](World& w) { Plant::outgoing(w.young).beginPiece(std::make_unique<FilePiece>()); }},
        {"it parts, and still talks", [](World& w) { Plant::part(w.alice); }},
        {"its peer has ended, and it still talks", [](World& w) { Plant::endPeer(w.alice); }},
        {"it has ended, and has a subscription", inState(State::Closing)},
        {"it has ended, and has a subscription", inState(State::Draining)},
        {"it has ended, and has a subscription", inState(State::Dead)},
        {"it is lost, and not dead", ended(State::Closing,
                                           [](Session& s) {
                                               Plant::endPeer(s);
                                               Plant::lose(s);
                                           })},
        {"our direction has ended, and something is to be sent",
         ended(State::Draining, [](Session& s) { Plant::outgoing(s).outbox() = "bye"; })},
        {"both directions have ended, and it is not dead",
         ended(State::Draining, [](Session& s) { Plant::endPeer(s); })},
        {"its dialogue serves another session",
         [](World& w) {
             Plant::beginDialogue(w.alice, Guess::V2);
             Plant::bound(w.alice)->context.serve(w.young);
         }},
        {"its dialogue speaks another dialect",
         [](World& w) { Plant::beginDialogue(w.alice, Guess::Classic); }},
        {"a piece lacks its file",
         [](World& w) {
             auto piece = std::make_unique<FilePiece>();
             piece->left = 1;
             Plant::outgoing(w.alice).beginPiece(std::move(piece));
         }},
    });
}

TEST(SessionInvariants, AnUploadsFaultIsFoundInItsSession) {
    SessionWorld world;
    world.bench.files.held = true;
    const auto peer = std::find_if(world.bench.peers.begin(), world.bench.peers.end(),
                                   [&](const auto& p) { return p->session == &world.alice; });
    (*peer)->send(v2("offer room:hall id:f name:a.bin size:3 sha256:" + sha256Of("abc")));
    world.bench.settle();
    ASSERT_TRUE(Plant::bound(world.alice)->dialogue->uploadsIfAny());
    Uploads& uploads = *Plant::bound(world.alice)->dialogue->uploadsIfAny();
    ASSERT_EQ(uploads.count(), 1u);
    EXPECT_EQ(world.check(), "");
    Plant::lastNumber(uploads) = 0;
    EXPECT_EQ(world.check(), "upload 1: its number was not given yet");
}

// ---- a loop

struct ShardWorld {
    ShardWorld() {
        alice = bench.v2User("alice", {"hall"}).session;
        bob = bench.v2User("bob", {"hall"}).session;
        tail = Plant::tails(shard()).begin()->second.get();
    }
    Shard& shard() { return *bench.shards[0]; }
    std::string check() { return shard().checkInvariants(); }

    Bench bench;
    Session *alice = nullptr, *bob = nullptr;
    Tail* tail = nullptr;
};

TEST(ShardInvariants, EachFaultIsFound) {
    using World = ShardWorld;
    test::expectFound<World>({
        {"session 0: it parts, and still talks", [](World& w) { Plant::part(*w.alice); }},
        {"session 0: the subscription in hall is another's",
         [](World& w) { w.alice->subscriptionMoved(*w.tail, 1); }},
        {"a subscription belongs to no session",
         [](World& w) { w.tail->subscribe(kClassic, 0, *w.alice); }},
        {"hall is kept under another number",
         [](World& w) {
             auto node = Plant::tails(w.shard()).extract(w.tail->id());
             node.key() = 99;
             Plant::tails(w.shard()).insert(std::move(node));
         }},
        {"hall has news that nobody is to flush", [](World& w) { w.tail->dirty = true; }},
        {"hall has news that nobody is to flush",
         [](World& w) { Plant::dirty(w.shard()).push_back(w.tail); }},
        {"the shard counts 7 bytes of hall, which holds 0", [](World& w) { w.tail->counted = 7; }},
        {"an entry is beyond the last one of hall",
         [](World& w) {
             w.tail->add(entries(1));
             w.tail->counted = w.tail->heldBytes();
             Plant::lastSeq(*w.tail) = 0;
         }},
        {"nowhere is kept for nobody",
         [](World& w) { Plant::tails(w.shard())[99] = std::make_unique<Tail>(99, "nowhere", 0); }},
        {"somebody gone is weighed", [](World& w) { Plant::weights(w.shard())[12345] = {}; }},
        {"somebody gone is limited", [](World& w) { w.shard().rateLimiterOf(12345); }},
        {"somebody gone is unwelcome",
         [](World& w) {
             Plant::unwelcome(w.shard())[12345] = {ErrorCode::Internal, "x"};
         }},
    });
}

}  // namespace
}  // namespace netchat::serve::testing
