// samples/answers.py: a program that drives a bot and answers each question once, whoever is killed
// in between: the program, its netchat, or both.

#include <gmock/gmock.h>
#include <signal.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <random>

#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {
namespace {

class AnswersTest : public ::testing::Test {
  protected:
    std::vector<std::string> bot(const std::string& nick) const {
        return {"bot", "--server", server_.address(), "--nick", nick, "--stdin", "jsonl"};
    }
    std::unique_ptr<Process> program() const {
        return std::make_unique<Process>(Process::Options{
            .arguments = {NETCHAT_SAMPLES "/answers.py", server_.address(), NETCHAT_BINARY},
            .environment = {{"XDG_STATE_HOME", (folder_ / "state").string()},
                            {"TMPDIR", folder_.path().string()}},
            .program = PYTHON_BINARY});
    }
    // The netchat that a program runs; 0: it runs none at this moment, or is about to.
    static pid_t netchatOf(const Process& program) {
        const std::string pid = std::to_string(program.pid());
        std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
        pid_t child = 0;
        if (!(children >> child)) return 0;
        std::ifstream arguments("/proc/" + std::to_string(child) + "/cmdline");
        std::string file;
        std::getline(arguments, file, '\0');
        return file == NETCHAT_BINARY ? child : 0;
    }
    // One that has answered question 0: from its first join on it hears everything.
    std::unique_ptr<Process> firstAnswered() {
        auto first = program();
        asker_.waitForLine("\"nick\":\"answers\"");
        ask(0);
        asker_.waitForLine(answerTo(0));
        return first;
    }
    void ask(int question) {
        asker_.writeLine(R"({"do":"say","text":"is it )" + std::to_string(question) + " ?\"}");
    }
    static std::string answerTo(int question) {
        return "\"4 words: is it " + std::to_string(question) + " \"";
    }
    size_t answers(int question) const {
        size_t count = 0;
        const std::string& heard = asker_.output();
        for (size_t at = 0; (at = heard.find(answerTo(question), at)) != std::string::npos; ++at) {
            ++count;
        }
        return count;
    }

    TempFolder folder_;
    ServerProcess server_{{"--data", (folder_ / "data").string()}};
    Process asker_{bot("asker")};
};

TEST_F(AnswersTest, EachQuestionIsAnsweredOnceWhoeverIsKilled) {
    constexpr unsigned kSeed = 16;
    constexpr int kRounds = 12, kQuestions = 4;
    std::mt19937 random(kSeed);
    auto answering = firstAnswered();
    int asked = 1;
    for (int round = 0; round < kRounds; ++round) {
        const int first = asked;
        while (asked < first + kQuestions) ask(asked++);
        // The kill comes at one of the moments that anybody can see: a question or an answer is in
        // the log; or before any of that.
        if (const uint64_t moment = random() % (kQuestions + 1); moment < kQuestions) {
            const bool answer = random() % 2 == 0;
            const int question = first + static_cast<int>(moment);
            asker_.waitForLine(answer ? answerTo(question)
                                      : "\"is it " + std::to_string(question) + " ?\"");
        }
        const uint64_t who = random() % 3;
        const pid_t netchat = netchatOf(*answering);
        if (who != 0) answering->signal(SIGKILL);
        if (who != 1 && netchat > 0) ::kill(netchat, SIGKILL);
        if (who == 0) continue;  // the program begins another
        answering->waitForExit();
        answering = program();
    }
    ask(asked);
    asker_.waitForLine(answerTo(asked));
    for (int question = 0; question <= asked; ++question) {
        EXPECT_EQ(answers(question), 1u) << "question " << question << ", seed " << kSeed;
    }
}

// What came while nobody was there to answer is not passed over.
TEST_F(AnswersTest, WhatWasAskedMeanwhileIsAnsweredByTheNextRun) {
    auto answering = firstAnswered();
    const pid_t netchat = netchatOf(*answering);
    answering->signal(SIGKILL);
    if (netchat > 0) ::kill(netchat, SIGKILL);
    answering->waitForExit();
    for (int question = 1; question <= 20; ++question) ask(question);
    asker_.waitForLine("\"is it 20 ?\"");
    answering = program();
    asker_.waitForLine(answerTo(20));
    for (int question = 0; question <= 20; ++question) EXPECT_EQ(answers(question), 1u);
}

}  // namespace
}  // namespace netchat::test
